import Layers
import Recipes
import Stores
import Telemetry
import Tensors
import Transfers

/// Brings a run's head into memory: the newest durable version, and those since by computing them again.
struct HeadLoader: Sendable {
    let plan: TrainingPlan
    let backend: any Backend
    let weights: WeightStore
    let gradients: GradientStore
    let faults: FaultInjector

    struct Loaded {
        let version: Version
        let state: OptimizerState
        /// The chunks of every version of the run in roles that no update touches.
        let unchanged: [ChunkReference]
        let durableNumber: Int
        /// What computing the versions since the durable one has taken.
        let replayTime: Duration
    }

    /// - Returns: nil when the head has moved meanwhile.
    /// - Throws: `VersionReplay.Unreadable`, `AggregatorError.replayDiverged`.
    func load(_ head: RunHead) async throws -> Loaded? {
        guard let version = try await weights.version(head.version),
            let durable = try await weights.newestDurable(of: head.run), durable.number <= version.number
        else { return nil }
        let unchanged = try await weights.chunks(of: durable.id, roles: [.frozen, .carried])
        let progress = try await weights.progress(upTo: durable)
        let state = OptimizerState(
            try await vectors(of: durable),
            updateCount: progress.updates,
            sampleCount: progress.samples,
            plan: plan,
            backend: backend
        )
        let start = ContinuousClock.now
        let replay = VersionReplay(weights: weights, reader: GradientReader(gradients), faults: faults)
        try await replay.run(
            state,
            from: durable,
            to: version,
            unchanged: unchanged,
            parameterCount: plan.student.count
        )
        return Loaded(
            version: version,
            state: state,
            unchanged: unchanged,
            durableNumber: durable.number,
            replayTime: ContinuousClock.now - start
        )
    }

    private func vectors(of version: Version) async throws -> OptimizerState.Vectors {
        let reader = WeightReader(weights)
        let count = plan.student.count
        var traffic = WeightReader.Traffic()
        let student = try await reader.read(.student, of: version.id, count: count, traffic: &traffic)
        let zeros = [Float](repeating: 0, count: count)
        var vectors = OptimizerState.Vectors(student: student, moment1: zeros, moment2: zeros)
        if version.number > 0 {
            vectors.moment1 = try await reader.read(.moment1, of: version.id, count: count, traffic: &traffic)
            vectors.moment2 = try await reader.read(.moment2, of: version.id, count: count, traffic: &traffic)
        }
        return vectors
    }
}
