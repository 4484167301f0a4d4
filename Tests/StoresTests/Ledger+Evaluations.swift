import Postgres
import Stores
import TestSupport
import Testing

/// What runs that are evaluated need beside the moves of others.
extension Ledger {
    var evaluations: EvaluationStore { EvaluationStore(database) }

    /// A run whose versions 2 and 4 have two evaluations each, called scenes and pairs.
    static func evaluated(
        in database: Database? = nil,
        named name: String = "small",
        hasEmbedPhase: Bool = false
    ) async throws -> Ledger {
        let ledger = try await Ledger(
            in: database ?? TemporaryDatabase.current.database(),
            named: name,
            plannedSteps: 0
        )
        try await ledger.database.execute(
            """
            UPDATE stillhouse.run SET recipe = '{"evaluation": {"sets": [{"name": "scenes"}, {"name": "pairs"}]}}'
            WHERE run_id = \(ledger.run)
            """
        )
        let steps = plan(0..<4, hasEmbedPhase: hasEmbedPhase).map { step in
            StepPlan(
                step: step.step,
                epoch: step.epoch,
                jobs: step.jobs,
                hasEmbedPhase: step.hasEmbedPhase,
                evaluationCount: step.step % 2 == 1 ? 2 : 0
            )
        }
        try await ledger.steps.plan(steps, of: ledger.run, under: ledger.coordinator)
        return ledger
    }

    static let allKinds: [JobKind] = [.gradient, .embed, .evaluate]

    /// The next evaluation, which must be there.
    func claimEvaluation(_ session: SessionID) async throws -> ClaimedJob {
        let claimed = try await jobs.claim(for: session, kinds: [.evaluate]).first
        return try #require(claimed)
    }

    /// What an evaluation finds, the same for every attempt.
    static func metrics(of job: ClaimedJob) -> [String: Double] {
        ["top1": 0.1 * Double(job.baseNumber) + 0.01 * Double(job.arguments.ordinal), "teacher.top1": 1.0 / 3]
    }

    /// Does all evaluations that can be done.
    func evaluateAll(_ session: SessionID) async throws {
        while let job = try await jobs.claim(for: session, kinds: [.evaluate]).first {
            #expect(try await evaluations.submit(job.token, Self.metrics(of: job)) == .ok)
        }
    }

    func keepUp() async throws -> EvaluationStore.Upkeep { try await evaluations.keepUp(under: coordinator) }
}
