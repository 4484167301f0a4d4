import Postgres
import Stores
import Telemetry

/// F5: kill -9 of the aggregator at a named point; its successor goes on from the head.
struct AggregatorKilled: FaultRow {
    let point: FaultPoint
    let recipe: SmallRecipe

    init(at point: FaultPoint, _ recipe: SmallRecipe = .eightSteps) { (self.point, self.recipe) = (point, recipe) }

    var name: String { "F5 \(point.rawValue)" + (recipe == .twoPhases ? " of two phases" : "") }
    var fault: String { "the aggregator is killed at \(point.rawValue)" }

    func play(_ scene: FaultScene) async throws {
        try scene.coordinator()
        try scene.worker()
        try scene.worker()
        let victim = try scene.aggregator(fault: "\(point.rawValue):3")
        try await scene.stopped(victim)
        // The fourth version is under way, or published without anybody's having heard of it.
        let expected = point == .aggregatorPublished ? 3 : 2
        let number = try await scene.headNumber
        scene.demand(number == expected, "the head is \(number), not \(expected)")
        if point == .aggregatorDrafted {
            let drafts = try await scene.versions(in: "draft")
            scene.demand(drafts == 1, "\(drafts) drafts instead of one")
        }
        if recipe == .twoPhases {
            let phase = try await scene.number(
                "SELECT phase::bigint AS n FROM stillhouse.step WHERE run_id = \(scene.run.id) AND step = \(expected)"
            )
            let due = point == .aggregatorEmbedded || point == .aggregatorPublished ? 0 : 1
            scene.demand(phase == due, "the step is in phase \(phase), not \(due)")
        }
        try await scene.kill(victim)
        scene.struck("killed while stopped there")
        try scene.aggregator()
        try await scene.untilVersion(expected + 1)
        scene.recovered()
    }
}
