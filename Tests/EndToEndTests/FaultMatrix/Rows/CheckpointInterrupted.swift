import Telemetry

/// F5: kill -9 of the aggregator within a checkpoint, or within the replay after it.
struct CheckpointInterrupted: FaultRow {
    let point: FaultPoint

    init(at point: FaultPoint) { self.point = point }

    var name: String { "F5 \(point.rawValue)" }
    var fault: String { "the aggregator is killed at \(point.rawValue)" }
    var recipe: SmallRecipe { .twentySteps }

    func play(_ scene: FaultScene) async throws {
        try await scene.checkpointEvery(4)
        try scene.coordinator()
        try scene.worker()
        try scene.worker()
        if point == .aggregatorReplayed {
            // Somebody must have left versions after a checkpoint to be replayed.
            let first = try scene.aggregator(fault: "aggregator.published:7")
            try await scene.untilDurable(4)
            try await scene.stopped(first)
            try await scene.kill(first)
        }
        let victim = try scene.aggregator(fault: point.rawValue)
        try await scene.stopped(victim)
        try await scene.kill(victim)
        let number = try await scene.headNumber
        scene.struck("killed while stopped there, head \(number)")
        try scene.aggregator()
        try await scene.untilVersion(number + 1)
        scene.recovered()
    }
}
