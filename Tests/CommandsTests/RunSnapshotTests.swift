import Commands
import Postgres
import Stores
import TestSupport
import Testing

@Suite("Run snapshots", .temporaryDatabase(.migrated))
struct RunSnapshotTests {
    private func snapshot(of run: RunID, _ database: Database) async throws -> RunSnapshot {
        try await RunSnapshot.read(database, run)
    }

    @Test("a run that has just begun shows its plan and no pace")
    func fresh() async throws {
        let database = try TemporaryDatabase.current.database()
        let snapshot = try await snapshot(of: SmallRun.create(in: database), database)
        #expect(snapshot.steps == 0)
        #expect(snapshot.totalSteps == 2)
        #expect(snapshot.jobs["available"] == 2)
        #expect(snapshot.jobs["planned"] == 2)
        #expect(snapshot.jobs["dead"] == 0)
        #expect(snapshot.openStep?.jobs == 2)
        #expect(snapshot.loss == nil)
        #expect(snapshot.pace == nil)
        #expect(snapshot.secondsLeft == nil)
        #expect(snapshot.line == "small: 0 of 2 steps (0 %)")
        #expect(snapshot.text.contains("stillhouse worker start"))
    }

    @Test("numbers of the newest version and the run's worker are shown")
    func numbers() async throws {
        let database = try TemporaryDatabase.current.database()
        let run = try await SmallRun.create(in: database)
        try await MetricStore(database).record(["loss": 0.5, "learning_rate": 1e-4], of: run, number: 0)
        let digest = [UInt8](repeating: 1, count: 32)
        let alias = try await WorkerStore(database).open(
            SessionID(),
            for: run,
            as: WorkerDescription(host: "here", device: "cpu", build: "test", numericProfile: "cpu"),
            digests: RunDigests(recipe: digest, layout: digest, dataset: digest)
        )
        let snapshot = try await snapshot(of: run, database)
        #expect(snapshot.loss == 0.5)
        #expect(snapshot.learningRate == 1e-4)
        #expect(snapshot.workers.map(\.alias) == [alias])
        #expect(snapshot.text.contains("0.5000"))
        #expect(snapshot.text.contains("here"))
    }

    @Test("what evaluations have found is shown with its curve, counts of pictures aside")
    func evaluations() async throws {
        let database = try TemporaryDatabase.current.database()
        let run = try await SmallRun.create(in: database)
        for (number, value) in [(0, 0.25), (1, 0.5), (2, 0.75)] {
            try await MetricStore(database).record(
                [
                    "evaluation.scenes.top1": value, "evaluation.scenes.images": 100,
                    "evaluation.scenes.teacher.top1": 0.125,
                ],
                of: run,
                number: number
            )
        }
        let snapshot = try await snapshot(of: run, database)
        #expect(snapshot.evaluations.map(\.name) == ["scenes.images", "scenes.teacher.top1", "scenes.top1"])
        #expect(snapshot.evaluations.last?.points.map(\.value) == [0.25, 0.5, 0.75])
        #expect(snapshot.text.contains("scenes.top1          0.7500 at version 2  ▁"), "\(snapshot.text)")
        #expect(snapshot.text.contains("scenes.teacher.top1  0.1250 at version 2"))
        #expect(!snapshot.text.contains("scenes.images"))
    }

    @Test("a blocked run says why and what to do, a cancelled one is over")
    func states() async throws {
        let database = try TemporaryDatabase.current.database()
        let run = try await SmallRun.create(in: database)
        let term = try await Term.held(.aggregator(of: run), in: database)
        try await RunStore(database).block(run, reason: "the loss is not finite", under: term)
        let blocked = try await snapshot(of: run, database)
        #expect(blocked.text.contains("small: blocked (the loss is not finite)"))
        #expect(blocked.text.contains("stillhouse run resume small"))
        #expect(!blocked.isOver)
        try await RunStore(database).cancel(run, reason: "enough")
        let cancelled = try await snapshot(of: run, database)
        #expect(cancelled.isOver)
        #expect(cancelled.jobs["cancelled"] == 4)
    }

    @Test("status shows who leads, and how to start what nobody leads")
    func leaders() async throws {
        let database = try TemporaryDatabase.current.database()
        let run = try await SmallRun.create(in: database)
        let first = try await snapshot(of: run, database)
        #expect(first.coordinator?.host == "test" && first.coordinator?.term == 1)
        #expect(first.aggregator == nil)
        #expect(first.text.contains("on test for"))
        #expect(first.text.contains("stillhouse aggregator start"))
        let leaders = LeaderStore(database)
        let term = try #require(
            try await leaders.acquire(.aggregator(of: run), session: SessionID(), host: "node-7")
        )
        #expect(try await snapshot(of: run, database).aggregator?.host == "node-7")
        try await leaders.resign(term)
        #expect(try await snapshot(of: run, database).aggregator == nil)
    }

    @Test("a run shows what outlives a crash of the database, and that its newest version has not")
    func restoring() async throws {
        let database = try TemporaryDatabase.current.database()
        let run = try await SmallRun.create(in: database)
        let whole = try await snapshot(of: run, database)
        #expect(whole.durability == .checkpointed)
        #expect(whole.durableVersion == 0)
        #expect(whole.text.contains("version 0, the last checkpoint"))
        try await database.execute("UPDATE stillhouse.run_head SET restoring_since = clock_timestamp()")
        let restoring = try await snapshot(of: run, database)
        #expect(restoring.restoringSince != nil)
        #expect(restoring.line == "small: 0 of 2 steps (0 %), active, restoring")
        #expect(restoring.text.contains("waiting for an aggregator"))
        #expect(restoring.secondsLeft == nil)
    }

    @Test("a rewind is refused below version 0")
    func rewindArguments() {
        #expect(CommandLine.refusal("run", "rewind", "small", "--to", "3") == "accepted")
        #expect(CommandLine.refusal("run", "rewind", "small", "--to=-1").contains("numbered from 0"))
        #expect(CommandLine.refusal("run", "create", "x", "--recipe", "y", "--durability", "none").contains("full"))
    }

    @Test("a run that does not exist is an error")
    func unknown() async throws {
        let database = try TemporaryDatabase.current.database()
        await #expect(throws: StoreError.self) { try await RunSnapshot.read(database, RunID(rawValue: 99)) }
    }
}
