import Foundation
import Stores
import Testing

/// F6: the leading aggregator is stopped before its publication for two leases, then continued: nothing of its draft shows.
struct DeposedAggregator: FaultRow {
    let name = "F6 deposed aggregator"
    let fault = "the leader is stopped with a draft for two leases, deposed, then continued"

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        let (old, _) = try await scene.pair(.aggregator, fault: "aggregator.drafted:3")
        let deposed = try await scene.term(of: .aggregator)
        let worker = try scene.worker(fault: "worker.claimed:20")
        try await scene.stopped(old)
        scene.struck("stopped before the transaction that decides")
        try await scene.untilVersion(3)
        scene.recovered()
        try await Task.sleep(for: .seconds(30 * scene.fleet.timeScale))
        old.signal(SIGCONT)
        try await scene.until("the deposed leader knows") { old.text.contains("leadership lost") }
        // The run must not have ended before.
        try await scene.stopped(worker)
        worker.signal(SIGCONT)
        try await scene.untilOver()
        let third = try #require(try await WeightStore(scene.fleet.database).version(number: 3, of: scene.run.id))
        scene.demand(third.term > deposed, "version 3 is of term \(third.term), deposed was \(deposed)")
    }
}
