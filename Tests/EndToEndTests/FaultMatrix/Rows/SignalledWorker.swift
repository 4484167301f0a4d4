import Foundation
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
        leaver.signal(SIGTERM)
        scene.struck("signalled while stopped there")
        leaver.signal(SIGCONT)
        try await scene.until("the worker has left") { !leaver.isRunning }
        scene.recovered()
        let submitted = try await scene.submissions()
        // With nothing in hand it may claim once more in the instant before it notices the signal; then that is finished.
        let allowed = point == .workerSubmitted ? 2...3 : 2...2
        scene.demand(allowed.contains(submitted), "\(submitted) jobs were submitted, not \(allowed)")
        try scene.worker()
        try await scene.untilOver()
        let charges = try await scene.rescues() + scene.errors()
        scene.demand(charges == 0, "\(charges) charges")
    }
}
