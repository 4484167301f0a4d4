import Postgres
import Stores
import TestSupport
import Testing

/// What two-phase steps need beside the moves of others.
extension Ledger {
    var artifacts: ArtifactStore { ArtifactStore(database) }

    /// A run whose steps embed before they compute gradients.
    static func twoPhased(
        in database: Database? = nil,
        named name: String = "small",
        plannedSteps: Int = 4
    ) async throws -> Ledger {
        let ledger = try await Ledger(
            in: database ?? TemporaryDatabase.current.database(),
            named: name,
            plannedSteps: 0
        )
        try await ledger.steps.plan(
            plan(0..<plannedSteps, hasEmbedPhase: true),
            of: ledger.run,
            under: ledger.coordinator
        )
        return ledger
    }

    /// Two parts, the same for every attempt.
    static func artifact(of job: ClaimedJob, samples: Int? = nil, badSamples: [BadSample] = []) -> ArtifactSubmission {
        let parts = ["rows of \(job.arguments.positions)", "of epoch \(job.arguments.epoch)"].map { Array($0.utf8) }
        return ArtifactSubmission(
            samples: samples ?? job.arguments.sampleCount,
            digest: sha256(parts.flatMap { sha256($0) }),
            parts: parts,
            badSamples: badSamples
        )
    }

    func closeEmbedPhase(of step: Int) async throws -> Bool {
        try await steps.closeEmbedPhase(of: run, step: step, under: aggregator)
    }

    /// Embeds the open step and opens its second phase.
    func embedStep(_ session: SessionID) async throws {
        try await completeStep(session)
        let open = try #require(try await steps.open(of: run))
        #expect(open.isEmbedded && !open.isComplete)
        #expect(try await closeEmbedPhase(of: open.step))
    }

    func trainTwoPhased(_ session: SessionID, steps: Int) async throws {
        for _ in 0..<steps {
            try await embedStep(session)
            try await train(session, steps: 1)
        }
    }

    /// Jobs of a kind by state.
    func counts(_ kind: JobKind) async throws -> [JobState: Int] {
        Dictionary(grouping: try await jobs.list(of: run, kind), by: \.state).mapValues(\.count)
    }

    func artifactParts() async throws -> Int {
        try #require(try await database.query("SELECT count(*) AS n FROM stillhouse.artifact_chunk").first).decode("n")
    }
}
