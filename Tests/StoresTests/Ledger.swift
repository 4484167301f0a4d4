import Crypto
import Foundation
import Postgres
import Stores
import TestSupport

/// A small training in the running test's database, with the moves that workers and the aggregator make.
///
/// One epoch is two steps of two jobs of four samples; a gradient is one part, a version two chunks.
struct Ledger {
    let database: Database
    let runs: RunStore
    let steps: StepStore
    let jobs: JobStore
    let workers: WorkerStore
    let gradients: GradientStore
    let weights: WeightStore
    let retention: RetentionStore
    let verifier: LedgerVerifier
    let recovery: RecoveryStore
    let run: RunID
    /// The test leads as coordinator and as the run's aggregator.
    let coordinator: Term
    let aggregator: Term

    static let digests = RunDigests(recipe: sha256("recipe"), layout: sha256("layout"), dataset: sha256("dataset"))

    /// - Parameter plannedSteps: how many of the four steps are planned.
    init(plannedSteps: Int = 4) async throws {
        try await self.init(in: TemporaryDatabase.current.database(), plannedSteps: plannedSteps)
    }

    /// The same run over a connection of its own.
    static func beside(_ ledger: Ledger) throws -> Ledger {
        Ledger(
            database: try TemporaryDatabase.current.database(),
            run: ledger.run,
            coordinator: ledger.coordinator,
            aggregator: ledger.aggregator
        )
    }

    init(database: Database, run: RunID, coordinator: Term, aggregator: Term) {
        self.database = database
        self.run = run
        (self.coordinator, self.aggregator) = (coordinator, aggregator)
        runs = RunStore(database)
        steps = StepStore(database)
        jobs = JobStore(database)
        workers = WorkerStore(database)
        gradients = GradientStore(database)
        weights = WeightStore(database)
        retention = RetentionStore(database)
        verifier = LedgerVerifier(database)
        recovery = RecoveryStore(database)
    }

    init(
        in database: Database,
        named name: String = "small",
        plannedSteps: Int = 4,
        durability: RunDurability = .checkpointed
    ) async throws {
        // The test's server has just started; nobody would be judged for half a minute.
        try await database.execute("UPDATE stillhouse.setting SET settling_s = 0")
        let chunks = try await Self.store(["student 0", "frozen"], in: WeightStore(database))
        let content = Self.sha256("content 0")
        let run = try await RunStore(database).create(
            Self.description(named: name, durability: durability),
            startingFrom: chunks,
            update: VersionUpdate(
                membersDigest: Self.sha256(""),
                contentDigest: content,
                chainDigest: Self.sha256(content + Self.sha256(""))
            )
        )
        self.init(
            database: database,
            run: run,
            coordinator: try await Term.held(.coordinator, in: database),
            aggregator: try await Term.held(.aggregator(of: run), in: database)
        )
        if plannedSteps > 0 { try await steps.plan(Self.plan(0..<plannedSteps), of: run, under: coordinator) }
    }

    static func description(named name: String, durability: RunDurability = .checkpointed) -> NewRun {
        NewRun(
            name: name,
            seed: .max,
            recipe: #"{"objective": "clipself"}"#,
            model: #"{"embed_dim": 4}"#,
            layout: "[]",
            parameterCount: 10,
            digests: digests,
            epochSamples: 16,
            totalSteps: 4,
            durability: durability
        )
    }

    static func plan(_ steps: Range<Int>, hasEmbedPhase: Bool = false) -> [StepPlan] {
        steps.map { step in
            let first = step % 2 * 8
            return StepPlan(
                step: step,
                epoch: step / 2,
                jobs: [first..<(first + 4), (first + 4)..<(first + 8)],
                hasEmbedPhase: hasEmbedPhase
            )
        }
    }

    static func sha256(_ text: String) -> [UInt8] { sha256(Array(text.utf8)) }
    static func sha256(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    static func store(_ contents: [String], in weights: WeightStore) async throws -> [ChunkReference] {
        var chunks: [ChunkReference] = []
        for content in contents {
            let digest = sha256(content)
            try await weights.put(digest: digest, data: Array(content.utf8), in: .logged)
            let role: ChunkRole = content.hasPrefix("student") ? .student : .frozen
            chunks.append(ChunkReference(role: role, ordinal: 0, digest: digest))
        }
        return chunks
    }
}

extension Ledger {
    func openSession(digests: RunDigests = Ledger.digests, profile: String = "cpu") async throws -> SessionID {
        let session = SessionID()
        let worker = WorkerDescription(host: "here", device: "cpu", build: "test", numericProfile: profile)
        _ = try await workers.open(session, for: run, as: worker, digests: digests)
        return session
    }

    /// The next job, which must be there.
    func claim(_ session: SessionID) async throws -> ClaimedJob {
        guard let job = try await jobs.claim(for: session).first else { throw NothingToClaim() }
        return job
    }

    /// Uploads the gradient of a job, the same for every attempt.
    @discardableResult
    func upload(_ job: ClaimedJob) async throws -> Bool {
        let data = Self.payload(of: job)
        return try await gradients.put(job.token, part: 0, digest: Self.sha256(data), data: data)
    }

    func submission(of job: ClaimedJob) -> GradientSubmission {
        GradientSubmission(
            partCount: 1,
            digest: Self.sha256(Self.sha256(Self.payload(of: job))),
            samples: job.arguments.sampleCount,
            units: 3 * job.arguments.sampleCount,
            loss: 0.5,
            terms: ["distance": .init(sum: 0.5, count: 12)],
            norm: 0.25
        )
    }

    /// Uploads and submits what a job of its kind comes to.
    @discardableResult
    func finish(_ job: ClaimedJob) async throws -> GradientStore.SubmitAnswer {
        if job.kind == .embed { return try await artifacts.submit(job.token, Self.artifact(of: job)) }
        try await upload(job)
        return try await gradients.submit(job.token, submission(of: job))
    }

    /// Claims and finishes all jobs of the open step.
    func completeStep(_ session: SessionID) async throws {
        while let job = try await jobs.claim(for: session).first { try await finish(job) }
    }

    /// Writes the version that the open step makes, without publishing it.
    ///
    /// - Parameter chunks: which are stored already; by default two are stored for it.
    func draft(
        childOf head: Version? = nil,
        naming chunks: [ChunkReference]? = nil
    ) async throws -> (id: VersionID, members: [GradientManifest]) {
        guard let newest = try await weights.head(of: run) else { throw NothingToClaim() }
        let head = head ?? newest
        let members = try await gradients.manifests(of: run, step: head.number)
        let chunks =
            if let chunks { chunks } else {
                try await Self.store(["student \(head.number + 1)", "frozen"], in: weights)
            }
        let content = Self.sha256("content \(head.number + 1)")
        let membersDigest = Self.sha256(members.flatMap(\.digest))
        let id = try await weights.draft(
            childOf: head.id,
            applying: head.number,
            update: VersionUpdate(
                samples: members.reduce(0) { $0 + $1.samples },
                units: members.reduce(0) { $0 + $1.units },
                learningRate: 1e-3,
                membersDigest: membersDigest,
                contentDigest: content,
                chainDigest: Self.sha256(head.update.chainDigest + content + membersDigest)
            ),
            chunks: chunks,
            under: aggregator
        )
        return (id, members)
    }

    /// Drafts and publishes the version that the open step makes.
    func publish() async throws -> Bool {
        let draft = try await draft()
        return try await weights.publish(draft.id, members: draft.members, metrics: ["loss": 0.5], under: aggregator)
    }

    /// Steps of the whole run, one after the other.
    func train(_ session: SessionID, steps: Int) async throws {
        for _ in 0..<steps {
            try await completeStep(session)
            guard try await publish() else { throw NothingToClaim() }
        }
    }

    func state(of job: ClaimedJob) async throws -> JobState? {
        try await jobs.job(job.token.job)?.state
    }

    /// Invariants that the ledger breaks; a test that ends with none ends well.
    func brokenInvariants(deep: Bool = false) async throws -> [InvariantReport] {
        try await verifier.verify(deep: deep).filter { !$0.isHonoured }
    }

    /// Returns once some session waits for another's lock.
    func someoneWaits() async throws {
        for _ in 0..<50_000 {
            let rows = try await database.query(
                """
                SELECT count(*) AS n FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            )
            if try rows.first?.decode("n", as: Int.self) ?? 0 > 0 { return }
        }
        throw NobodyWaits()
    }

    func silence(_ session: SessionID) async throws {
        try await database.execute(
            "UPDATE stillhouse.worker_session SET last_seen = last_seen - interval '1 day' WHERE session = \(session)"
        )
    }

    static func payload(of job: ClaimedJob) -> [UInt8] {
        Array("gradient of positions \(job.arguments.positions) of epoch \(job.arguments.epoch)".utf8)
    }

    struct NothingToClaim: Error {}
    struct NobodyWaits: Error {}
}
