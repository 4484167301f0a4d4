import Foundation
import Stores

/// F2: a worker stopped for two leases, then continued, finds itself fenced, drops its result and works on.
struct WorkerSilent: FaultRow {
    let name = "F2 worker silent"
    let fault = "a worker is stopped for two leases with a computed gradient, then continued"

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        let silent = try scene.worker(fault: "worker.computed:2")
        try scene.aggregator()
        try await scene.stopped(silent)
        scene.struck("stopped, its job given away, continued")
        try await scene.untilAttempts(ended: "lost")
        scene.recovered()
        let other = try scene.worker(fault: "worker.claimed:3")
        try await scene.stopped(other)
        try await Task.sleep(for: .seconds(20 * scene.fleet.timeScale))
        // The other one is stopped: whatever is submitted from here on is the silent one's.
        let before = try await scene.submissions()
        silent.signal(SIGCONT)
        // By the answer to its submission, or by that to its first beat, whichever comes first.
        try await scene.until("the late result is dropped") { silent.text.contains("no longer ours") }
        try await scene.until("the fenced worker submits again") { try await scene.submissions() > before }
        other.signal(SIGCONT)
    }
}
