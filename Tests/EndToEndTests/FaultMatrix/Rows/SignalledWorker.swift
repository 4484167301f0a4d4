import Foundation
import Stores
import Telemetry

/// F20: SIGTERM in each phase of a job; the job in hand is finished, the worker leaves with 0 and nobody is charged.
struct SignalledWorker: FaultRow {
    let point: FaultPoint
    let stretch = 5.0

    init(at point: FaultPoint) { self.point = point }

    var name: String { "F20 SIGTERM \(point.rawValue)" }
    var fault: String { "a worker gets SIGTERM at \(point.rawValue)" }

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        let leaver = try scene.worker(fault: "\(point.rawValue):2")
        try scene.aggregator()
        try await scene.stopped(leaver)
        // With nothing in hand a claim may come before the signal is noticed; then there must be nothing to claim.
        if point == .workerSubmitted { _ = try await scene.runs.pause(scene.run.id) }
        leaver.signal(SIGTERM)
        scene.struck("signalled while stopped there")
        leaver.signal(SIGCONT)
        try await scene.until("the worker has left") { !leaver.isRunning }
        scene.recovered()
        let submitted = try await scene.submissions()
        scene.demand(submitted == 2, "\(submitted) jobs were submitted, not 2")
        if point == .workerSubmitted { _ = try await scene.runs.resume(scene.run.id) }
        try scene.worker()
        try await scene.untilOver()
        let charges = try await scene.rescues() + scene.errors()
        scene.demand(charges == 0, "\(charges) charges")
    }
}
