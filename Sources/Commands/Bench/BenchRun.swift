import Checkpoints
import Postgres
import Stores
import Transfers

/// A run of a measurement's own, with a worker session and both leaderships.
struct BenchRun {
    let run: RunID
    let session: SessionID
    let coordinator: Term
    let aggregator: Term

    private static let digests = RunDigests(
        recipe: Digest(of: "recipe".utf8).bytes,
        layout: Digest(of: "layout".utf8).bytes,
        dataset: Digest(of: "dataset".utf8).bytes
    )

    /// - Parameters:
    ///   - student: version 0.
    ///   - stepCount: steps of one job each; none for a run whose jobs come from elsewhere.
    static func create(_ student: [Float], stepCount: Int, in database: Database) async throws -> BenchRun {
        let chunks = try await WeightWriter(WeightStore(database)).write(student, as: .student)
        let description = NewRun(
            name: "bench",
            seed: 1,
            recipe: "{}",
            model: "{}",
            layout: "[]",
            parameterCount: student.count,
            digests: digests,
            epochSamples: 1,
            totalSteps: max(stepCount, 1)
        )
        let run = try await RunStore(database).create(
            description,
            startingFrom: chunks,
            update: VersionUpdate(chunks: chunks)
        )
        let created = BenchRun(
            run: run,
            session: SessionID(),
            coordinator: try await lead(.coordinator, in: database),
            aggregator: try await lead(.aggregator(of: run), in: database)
        )
        let plans = (0..<stepCount).map { StepPlan(step: $0, epoch: $0, jobs: [0..<1]) }
        if !plans.isEmpty { try await StepStore(database).plan(plans, of: run, under: created.coordinator) }
        let worker = WorkerDescription(host: "bench", device: "none", build: "bench", numericProfile: "none")
        _ = try await WorkerStore(database).open(created.session, for: run, as: worker, digests: digests)
        return created
    }

    private static func lead(_ name: LeaderName, in database: Database) async throws -> Term {
        guard let term = try await LeaderStore(database).acquire(name, session: SessionID(), host: "bench") else {
            throw CommandFailure(.unavailable, "\(name) is led by somebody else in a database that nobody knows of.")
        }
        return term
    }

    /// What is said of every gradient; its digest is filled in when it is sent.
    static let manifest = GradientSubmission(partCount: 1, digest: [], samples: 1, units: 1, loss: 0, norm: 0)
}
