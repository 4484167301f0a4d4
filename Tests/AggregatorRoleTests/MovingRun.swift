import AggregatorRole
import Checkpoints
import Foundation
import Objectives
import Optimizers
import Postgres
import Stores
import Synchronization
import Telemetry
import Tensors
import TestSupport
import Testing
import Transfers

/// A run of a made-up objective whose teacher moves and whose jobs have statistics; the test is its workers.
struct MovingRun {
    let database: Database
    let run: Run
    private let session = SessionID()
    private let settings: Settings
    private let told = Told()

    /// The newest version that an aggregation has told of: from then on it holds it in memory.
    private final class Told: Sendable {
        private let number = Mutex(0)
        func note(_ version: Int) { number.withLock { $0 = max($0, version) } }
        var newest: Int { number.withLock { $0 } }
    }

    static let steps = 6
    /// The teacher follows the last four numbers, then the first two.
    static let followed = [6..<10, 0..<2]
    static let average = ExponentialMovingAverage(referenceMomentum: 0.9, referenceBatch: 8)
    private static let start = (0..<10).map { Float($0) * 0.25 - 1 }
    private static let digests = RunDigests(
        recipe: Digest(of: "recipe".utf8).bytes,
        layout: Digest(of: "layout".utf8).bytes,
        dataset: Digest(of: "dataset".utf8).bytes
    )

    /// What the aggregators of this run watch; nil for nothing.
    private let watch: CollapseWatch?

    private static let rule = UpdateRule(
        parameterCount: start.count,
        optimizer: AdamW(),
        settings: [0..<6, 6..<9, 9..<10].map { SliceSettings(range: $0, weightDecay: 0.05) },
        clipping: GradientClipping(maximumNorm: 1),
        learningRate: { 0.1 / Double(1 + $0) },
        heldRanges: { $0 < 16 ? [6..<9] : [] },
        bounds: [(9..<10, 1.2...1.3)],
        penalty: (places: 2..<7, term: { Penalty(gradient: $0.map { 0.1 * $0 }) }),
        teacher: UpdateRule.Teacher(average: average, ranges: followed),
        statisticCount: 3,
        centreSize: 2,
        samplesPerUpdate: 8,
        conclude: { update, centre in
            let count = update.statistics[2]
            for index in 0..<2 { centre[index] += 0.1 * (update.statistics[index] / count - centre[index]) }
            // A spread of nothing, for those who watch it.
            return [
                "teacher_logits": Double(count), "entropy": update.terms.first?.sum ?? .nan, "embedding_spread": 0.01,
            ]
        }
    )

    init(
        _ name: String,
        in database: Database,
        steps: Int = Self.steps,
        watch: CollapseWatch? = nil
    ) async throws {
        self.database = database
        self.watch = watch
        // The test's server has just started; nobody would be judged for half a minute.
        try await database.execute("UPDATE stillhouse.setting SET settling_s = 0")
        let writer = WeightWriter(WeightStore(database))
        var chunks = try await writer.write(Self.start, as: .student)
        chunks += try await writer.write([7, 8, 9], as: .frozen)
        chunks += try await writer.write(Self.followed.flatMap { Self.start[$0] }, as: .teacher)
        chunks += try await writer.write([0, 0], as: .centre)
        let new = NewRun(
            name: name,
            seed: 1,
            recipe: "{}",
            model: "{}",
            layout: "[]",
            parameterCount: Self.start.count + Self.rule.statisticCount,
            digests: Self.digests,
            epochSamples: 8,
            totalSteps: steps
        )
        let id = try await RunStore(database).create(new, startingFrom: chunks, update: VersionUpdate(chunks: chunks))
        run = try #require(try await RunStore(database).run(id))
        settings = try await SettingStore(database).read()
        let plans = (0..<steps).map { StepPlan(step: $0, epoch: $0, jobs: [0..<4, 4..<8]) }
        try await StepStore(database).plan(plans, of: id, under: Term.held(.coordinator, in: database))
        let worker = WorkerDescription(host: "here", device: "cpu", build: "test", numericProfile: "cpu")
        _ = try await WorkerStore(database).open(session, for: id, as: worker, digests: Self.digests)
    }

    /// With nothing in memory yet.
    func aggregation() -> RunAggregation {
        var rule = Self.rule
        rule.collapseWatch = watch
        return RunAggregation(
            database: database,
            run: run,
            rule: rule,
            backend: CPUBackend(threadCount: 1),
            settings: settings,
            onVersion: { [told] in told.note($0.step + 1) },
            faults: .none,
            logger: TemporaryDatabase.silentLogger
        )
    }

    /// Trains up to a version and stops dead there, with whatever the aggregation has in memory.
    ///
    /// - Parameter payload: what a job hands in.
    func train(
        to number: Int,
        by aggregation: RunAggregation,
        payload: (JobArguments) -> [Float] = Self.payload
    ) async throws {
        let term = try await Term.held(.aggregator(of: run.id), in: database)
        let work = Task {
            try await aggregation.work(under: term, until: { Task.isCancelled }, wakeup: Wakeup())
        }
        try await eventually("version \(number) of \(run.name)") {
            guard let head = try await RunStore(database).head(of: run.id) else { return false }
            if head.number >= number {
                // The database knows of a version a moment before its aggregator does.
                return told.newest >= number && (number < run.totalSteps || head.state == .finished)
            }
            try await handIn(payload, before: number)
            return false
        }
        work.cancel()
        _ = await work.result
    }

    /// Trains until the run takes no more work, whatever the reason.
    /// - Returns: how it stands then.
    func trainToStandstill(by aggregation: RunAggregation) async throws -> RunHead {
        let term = try await Term.held(.aggregator(of: run.id), in: database)
        let work = Task {
            try await aggregation.work(under: term, until: { Task.isCancelled }, wakeup: Wakeup())
        }
        try await eventually("\(run.name) stands still") {
            if try await RunStore(database).head(of: run.id)?.state != .active { return true }
            try await handIn(Self.payload, before: run.totalSteps)
            return false
        }
        work.cancel()
        _ = await work.result
        return try #require(try await RunStore(database).head(of: run.id))
    }

    /// - Parameter step: the first step that is none of the test's business: it may open between two looks.
    private func handIn(_ payload: (JobArguments) -> [Float], before step: Int) async throws {
        for job in try await JobStore(database).claim(for: session, limit: 2) {
            guard job.arguments.step < step else {
                #expect(try await JobStore(database).release(job.token))
                continue
            }
            let flat = payload(job.arguments)
            let gradient = flat.prefix(Self.start.count)
            let isEmpty = gradient.allSatisfy { $0 == 0 }
            let units = isEmpty ? 0 : 4
            let squares = gradient.reduce(0.0) { $0 + Double($1) * Double($1) }
            let submission = GradientSubmission(
                partCount: 0,
                digest: [],
                samples: 4,
                units: units,
                loss: 1.5,
                terms: ["temperature": .init(sum: 9, count: 1), "entropy": .init(sum: 0.5, count: 4)],
                norm: isEmpty ? 0 : squares.squareRoot() / 4
            )
            let answer = try await GradientWriter(GradientStore(database))
                .deliver(flat, for: job.token, as: submission)
            #expect(answer == .ok)
        }
    }

    /// The gradient of ten numbers; behind it sums of teacher logits, and of how many.
    static func payload(_ job: JobArguments) -> [Float] {
        let seed = Double(job.step * 31 + job.ordinal * 7)
        return (0..<12).map { Float(sin(Double($0) * 1.7 + seed)) } + [8]
    }

    func version(_ number: Int) async throws -> Version {
        try #require(try await WeightStore(database).version(number: number, of: run.id))
    }

    /// A role of a version, in full.
    func flat(_ role: ChunkRole, at number: Int, count: Int) async throws -> [Float] {
        var traffic = WeightReader.Traffic()
        return try await WeightReader(WeightStore(database))
            .read(role, of: version(number).id, count: count, traffic: &traffic)
    }

    /// What a crash of the server leaves, repaired as a coordinator does.
    func crash() async throws {
        try await database.loseUnloggedTables()
        let report = try await RecoveryStore(database).reconcile(under: Term.held(.coordinator, in: database))
        #expect(report != nil)
    }

    /// Every invariant of the ledger holds.
    func expectHonoured() async throws {
        for report in try await LedgerVerifier(database).verify(deep: true) {
            #expect(report.isHonoured, "\(report.name): \(report.violations)")
        }
    }
}
