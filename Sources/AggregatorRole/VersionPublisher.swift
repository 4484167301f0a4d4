import Postgres
import Stores
import Telemetry
import Transfers

/// Makes an update the run's next version: chunks, a draft, then one transaction that decides.
struct VersionPublisher: Sendable {
    let weights: WeightStore
    let writer: WeightWriter
    let storage: ChunkStorage
    let term: Term
    let faults: FaultInjector

    /// What a version is to hold, and how well it is to be kept.
    enum Content: Sendable {
        case student([Float])
        /// With both moments, all of it logged: no checkpoint has to follow.
        case durable(OptimizerState.Vectors)
    }

    /// Publishes the child of `parent`.
    ///
    /// - Parameter unchanged: the parent's chunks in roles that no update touches.
    /// - Returns: the new version, or nil when the fence is lost: read the head and go on from there.
    func publish(
        _ content: Content,
        _ outcome: OptimizerState.Outcome,
        _ totals: StepTotals,
        childOf parent: Version,
        applying step: Int,
        unchanged: [ChunkReference],
        _ timings: inout VersionTimings
    ) async throws -> Version? {
        let start = ContinuousClock.now
        let chunks = try await unchanged + store(content)
        timings.store = ContinuousClock.now - start
        let update = VersionUpdate(
            samples: totals.samples,
            units: totals.units,
            learningRate: outcome.learningRate,
            members: totals.members,
            chunks: chunks,
            parentChain: parent.update.chainDigest
        )
        let draft = try await weights.draft(
            childOf: parent.id,
            applying: step,
            update: update,
            chunks: chunks,
            isDurable: content.isDurable,
            under: term
        )
        faults.reach(.aggregatorDrafted)
        var metrics = totals.metrics
        metrics["learning_rate"] = outcome.learningRate
        metrics["gradient_norm"] = outcome.gradientNorm
        guard try await decide(draft, totals.members, metrics) else { return nil }
        timings.publishedAt = .now
        timings.decide = timings.publishedAt - start - timings.store
        faults.reach(.aggregatorPublished)
        return try await weights.version(draft)
    }

    private func store(_ content: Content) async throws -> [ChunkReference] {
        switch content {
        case .student(let student): try await writer.write(student, as: .student, in: storage)
        case .durable(let vectors): try await writer.write(vectors)
        }
    }

    /// A reply that was lost leaves the outcome open; the draft's own row then tells, and a draft is tried again.
    private func decide(_ draft: VersionID, _ members: [GradientManifest], _ metrics: [String: Double]) async throws
        -> Bool
    {
        while true {
            do {
                return try await weights.publish(draft, members: members, metrics: metrics, under: term)
            } catch let error as PostgresError where error.isTransient {
                switch try await weights.state(of: draft, under: term) {
                case .published: return true
                case .draft: try await Task.sleep(for: .milliseconds(200))
                case .retired, .abandoned, .lost, nil: return false
                }
            }
        }
    }
}

extension VersionPublisher.Content {
    var isDurable: Bool { if case .durable = self { true } else { false } }
}

extension WeightWriter {
    /// Stores everything that training goes on from, as `logged`.
    ///
    /// - Parameter knownStudent: what the student's chunks are called, where that is known.
    func write(
        _ vectors: OptimizerState.Vectors,
        knownStudent: [ChunkReference]? = nil
    ) async throws -> [ChunkReference] {
        try await write(vectors.student, as: .student, known: knownStudent) + write(vectors.moment1, as: .moment1)
            + write(vectors.moment2, as: .moment2)
    }
}
