import Checkpoints
import Postgres
import Stores
import TestSupport
import Testing
import Transfers

/// A run in the running test's database whose version 0 is a flat vector; one step of two jobs is planned.
struct StoredRun {
    let database: Database
    let weights: WeightStore
    let gradients: GradientStore
    let run: RunID
    /// Version 0.
    let version: VersionID

    private static let digests = RunDigests(
        recipe: Digest(of: "recipe".utf8).bytes,
        layout: Digest(of: "layout".utf8).bytes,
        dataset: Digest(of: "dataset".utf8).bytes
    )

    init(_ student: [Float], named name: String = "small", in shared: Database? = nil) async throws {
        database = try shared ?? TemporaryDatabase.current.database()
        weights = WeightStore(database)
        gradients = GradientStore(database)
        // The test's server has just started; nobody would be judged for half a minute.
        try await database.execute("UPDATE stillhouse.setting SET settling_s = 0")
        let chunks = try await WeightWriter(weights).write(student, as: .student)
        let description = NewRun(
            name: name,
            seed: 1,
            recipe: "{}",
            model: "{}",
            layout: "[]",
            parameterCount: student.count,
            digests: Self.digests,
            epochSamples: 8,
            totalSteps: 1
        )
        run = try await RunStore(database).create(
            description,
            startingFrom: chunks,
            update: VersionUpdate(chunks: chunks)
        )
        version = try #require(try await weights.head(of: run)).id
        let term = try await Term.held(.coordinator, in: database)
        try await StepStore(database).plan([StepPlan(step: 0, epoch: 0, jobs: [0..<4, 4..<8])], of: run, under: term)
    }

    /// Both jobs of the step, for a session of their own.
    func claim() async throws -> [ClaimedJob] {
        let session = SessionID()
        let worker = WorkerDescription(host: "here", device: "cpu", build: "test", numericProfile: "cpu")
        _ = try await WorkerStore(database).open(session, for: run, as: worker, digests: Self.digests)
        return try await JobStore(database).claim(for: session, limit: 2)
    }

    /// Both jobs of the step, done with one gradient.
    func submit(_ gradient: [Float], units: Int = 4) async throws -> [GradientManifest] {
        let encoded = EncodedGradient(gradient)
        for job in try await claim() {
            #expect(try await gradients.put(job.token, parts: encoded.parts))
            let submission = GradientSubmission(
                partCount: encoded.parts.count,
                digest: encoded.digest.bytes,
                samples: 4,
                units: units,
                loss: 1,
                norm: 1
            )
            #expect(try await gradients.submit(job.token, submission) == .ok)
        }
        return try await gradients.manifests(of: run, step: 0)
    }
}
