import Stores
import Telemetry
import Tensors
import Transfers

/// Brings a run's head into memory: the newest durable version, and those since by computing them again.
struct HeadLoader: Sendable {
    let rule: UpdateRule
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
            rule: rule,
            backend: backend
        )
        let start = ContinuousClock.now
        let replay = VersionReplay(weights: weights, reader: GradientReader(gradients), faults: faults)
        try await replay.run(
            state,
            from: durable,
            to: version,
            unchanged: unchanged,
            payloadCount: rule.payloadCount
        )
        return Loaded(
            version: version,
            state: state,
            unchanged: unchanged,
            durableNumber: durable.number,
            replayTime: ContinuousClock.now - start
        )
    }

    private func vectors(of version: Version) async throws -> VersionVectors {
        let reader = WeightReader(weights)
        var traffic = WeightReader.Traffic()
        func read(_ role: ChunkRole, _ count: Int) async throws -> [Float] {
            // The first version of a fork also lists the frozen teacher, which is no business of an aggregator's.
            count == 0 ? [] : try await reader.read(role, of: version.id, count: count, traffic: &traffic)
        }
        let count = rule.parameterCount
        var vectors = VersionVectors(
            student: try await read(.student, count),
            teacher: try await read(.teacher, rule.teacherSize),
            centre: try await read(.centre, rule.centreSize)
        )
        if version.number > 0 {
            vectors.moments = .init(first: try await read(.moment1, count), second: try await read(.moment2, count))
        }
        return vectors
    }
}
