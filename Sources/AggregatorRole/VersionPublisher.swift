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

    /// Publishes the child of `parent`.
    ///
    /// - Parameters:
    ///   - vectors: with both moments, all of it is logged and no checkpoint has to follow.
    ///   - unchanged: the parent's chunks in roles that no update touches.
    /// - Returns: the new version, or nil when the fence is lost: read the head and go on from there.
    func publish(
        _ vectors: VersionVectors,
        _ outcome: OptimizerState.Outcome,
        _ totals: StepTotals,
        childOf parent: Version,
        applying step: Int,
        unchanged: [ChunkReference],
        _ timings: inout VersionTimings
    ) async throws -> Version? {
        let start = ContinuousClock.now
        let storage = vectors.moments == nil ? storage : .logged
        let chunks = try await unchanged + writer.write(vectors, in: storage)
        timings.store = ContinuousClock.now - start
        let update = VersionUpdate(
            samples: totals.samples,
            units: totals.units,
            learningRate: outcome.learningRate,
            members: totals.members,
            chunks: chunks,
            parentChain: parent.update.chainDigest
        )
        func enter() async throws -> VersionID {
            try await weights.draft(
                childOf: parent.id,
                applying: step,
                update: update,
                chunks: chunks,
                isDurable: vectors.moments != nil,
                under: term
            )
        }
        let draft: VersionID
        do {
            draft = try await enter()
        } catch StoreError.chunksMissing {
            // Storing took so long that the first chunks were cleared away as nobody's; the others are kept by this.
            _ = try await writer.write(vectors, in: storage)
            draft = try await enter()
        }
        faults.reach(.aggregatorDrafted)
        var metrics = outcome.metrics.merging(totals.metrics) { $1 }
        metrics["learning_rate"] = outcome.learningRate
        metrics["gradient_norm"] = outcome.gradientNorm
        guard try await decide(draft, totals.members, metrics) else { return nil }
        timings.publishedAt = .now
        timings.decide = timings.publishedAt - start - timings.store
        faults.reach(.aggregatorPublished)
        return try await weights.version(draft)
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
