import Foundation

/// F10: the database crashes and the only aggregator with it: rewind to the durable version, and the same bits again.
struct CrashedServerAndAggregator: FaultRow {
    let crash: ServerCrash

    init(_ crash: ServerCrash) { self.crash = crash }

    var name: String { "F10 \(crash.rawValue)" }
    var fault: String { "PostgreSQL: \(crash.rawValue), and the aggregator is killed" }
    var recipe: SmallRecipe { .twentySteps }
    var server: FaultServer.Choice { .own() }

    func play(_ scene: FaultScene) async throws {
        try await scene.checkpointEvery(4)
        let coordinator = try scene.coordinator()
        try scene.worker()
        try scene.worker()
        let victim = try scene.aggregator(fault: "aggregator.published:7")
        try await scene.untilDurable(4)
        try await scene.stopped(victim)
        try await scene.kill(victim)
        try await scene.crash(crash, before: coordinator)
        scene.struck("sentinel missing, aggregator dead at version 7")
        coordinator.signal(SIGCONT)
        try await scene.until("the run is rewound") { try await scene.events("run_rewound") > 0 }
        try scene.aggregator()
        try await scene.untilVersion(8)
        scene.recovered()
        try await scene.untilOver()
        let lost = try await scene.versions(in: "lost")
        scene.demand(lost > 0 && lost <= 7, "\(lost) versions lost")
        let differing = try await scene.recomputedOtherwise()
        scene.demand(differing == 0, "\(differing) versions were recomputed to other contents")
    }
}
