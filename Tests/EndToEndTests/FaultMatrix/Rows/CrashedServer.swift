import Foundation

/// F9: the database crashes and forgets what is UNLOGGED; the living aggregator restores the head, or it is rewound.
struct CrashedServer: FaultRow {
    let crash: ServerCrash

    init(_ crash: ServerCrash) { self.crash = crash }

    var name: String { "F9 \(crash.rawValue)" }
    var fault: String { "PostgreSQL: \(crash.rawValue), in mid-training" }
    var recipe: SmallRecipe { .twentySteps }
    var server: FaultServer.Choice { .own() }
    /// Nobody may be rescued while the server settles.
    var stretch: Double { 2 }

    static let checkpointVersions = 6

    func play(_ scene: FaultScene) async throws {
        try await scene.checkpointEvery(Self.checkpointVersions)
        let coordinator = try scene.coordinator()
        try scene.worker()
        try scene.worker()
        try scene.aggregator()
        try await scene.untilDurable(Self.checkpointVersions)
        try await scene.untilVersion(Self.checkpointVersions + 2)
        try await scene.crash(crash, before: coordinator)
        scene.struck("sentinel missing")
        coordinator.signal(SIGCONT)
        try await scene.until("the crash is reconciled") { try await scene.events("database_crashed") > 0 }
        try await scene.untilNextVersion()
        scene.recovered()
        try await scene.untilOver()
        let rewinds = try await scene.events("run_rewound")
        let lost = try await scene.versions(in: "lost")
        scene.demand(lost <= Self.checkpointVersions + 1, "\(lost) versions lost")
        scene.demand((lost > 0) == (rewinds > 0), "\(lost) versions lost, \(rewinds) rewinds reported")
        let differing = try await scene.recomputedOtherwise()
        scene.demand(differing == 0, "\(differing) versions were recomputed to other contents")
    }
}
