import Postgres
import Stores
import Telemetry
import Transfers

/// Makes an update the run's next version: chunks, a draft, then one transaction that decides.
struct VersionPublisher: Sendable {
    let weights: WeightStore
    let writer: WeightWriter
    let term: Term
    let faults: FaultInjector

    /// Publishes the child of `parent`.
    ///
    /// - Parameter unchanged: the parent's chunks in roles that no update touches.
    /// - Returns: the new version, or nil when another version has become the head: read it and go on from there.
    func publish(
        _ outcome: OptimizerState.Outcome,
        _ totals: StepTotals,
        childOf parent: Version,
        applying step: Int,
        unchanged: [ChunkReference]
    ) async throws -> Version? {
        var chunks = unchanged
        chunks += try await writer.write(outcome.vectors.student, as: .student)
        chunks += try await writer.write(outcome.vectors.moment1, as: .moment1)
        chunks += try await writer.write(outcome.vectors.moment2, as: .moment2)
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
            under: term
        )
        faults.reach(.aggregatorDrafted)
        var metrics = totals.metrics
        metrics["learning_rate"] = outcome.learningRate
        metrics["gradient_norm"] = outcome.gradientNorm
        guard try await decide(draft, totals.members, metrics) else { return nil }
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
            } catch let error as PostgresError where error.category == .connectionLoss || error.category == .contention
            {
                switch try await weights.state(of: draft, under: term) {
                case .published: return true
                case .draft: try Task.checkCancellation()
                case .retired, .abandoned, nil: return false
                }
            }
        }
    }
}
