import Postgres
import Stores
import TestSupport
import Testing

@Suite("Runs", .temporaryDatabase(.migrated))
struct RunStoreTests {
    @Test("a new run has version 0 at its head and gives back what it was created with")
    func create() async throws {
        let ledger = try await Ledger()
        let run = try await ledger.runs.run(named: "small")
        #expect(run.id == ledger.run)
        #expect(run.seed == .max)
        #expect(run.recipe == #"{"objective": "clipself"}"#)
        #expect(run.digests == Ledger.digests)
        #expect(run.partCount == 1)
        #expect(run.head.state == .active && !run.head.isPaused)
        #expect(run.head.number == 0)
        let version = try #require(try await ledger.weights.head(of: run.id))
        #expect(version.id == run.head.version)
        #expect(version.state == .published && version.parent == nil)
        #expect(try await ledger.weights.chunks(of: version.id).map(\.role) == [.student, .frozen])
        #expect(try await ledger.brokenInvariants(deep: true).isEmpty)
    }

    @Test("a run without its chunks is not created")
    func createWithoutChunks() async throws {
        let ledger = try await Ledger()
        let missing = ChunkReference(role: .student, ordinal: 0, digest: Ledger.sha256("nowhere"))
        await #expect(throws: StoreError.chunksMissing(count: 1)) {
            try await create(Ledger.description(named: "other"), from: [missing], in: ledger)
        }
        #expect(try await ledger.runs.list().count == 1)
    }

    @Test("a taken name, a name that does not print and a run without work are refused by the rule they break")
    func refusals() async throws {
        let ledger = try await Ledger()
        await #expect(throws: StoreError.runExists(name: "small")) {
            try await create(Ledger.description(named: "small"), from: [], in: ledger)
        }
        await #expect(throws: StoreError.runRejected(name: "a b", constraint: "run_name_is_printable")) {
            try await create(Ledger.description(named: "a b"), from: [], in: ledger)
        }
        var workless = Ledger.description(named: "idle")
        workless.totalSteps = 0
        let idle = workless
        await #expect(throws: StoreError.runRejected(name: "idle", constraint: "run_has_work")) {
            try await create(idle, from: [], in: ledger)
        }
        await #expect(throws: StoreError.runUnknown(name: "idle")) { try await ledger.runs.run(named: "idle") }
    }

    @Test("a worker without a choice serves the oldest active run")
    func oldestActive() async throws {
        let ledger = try await Ledger()
        let other = try await Ledger(in: ledger.database, named: "other")
        #expect(try await ledger.runs.oldestActive()?.id == ledger.run)
        try await ledger.runs.cancel(ledger.run, reason: "a test")
        #expect(try await ledger.runs.oldestActive()?.id == other.run)
        #expect(try await ledger.runs.list().map(\.name) == ["small", "other"])
    }

    @Test("a pause holds jobs back until the run is resumed, and each command answers whether it changed anything")
    func pauseAndResume() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        #expect(try await ledger.runs.pause(ledger.run))
        #expect(try await ledger.runs.pause(ledger.run) == false)
        #expect(try await ledger.jobs.claim(for: session).isEmpty)
        #expect(try await ledger.runs.resume(ledger.run))
        #expect(try await ledger.runs.resume(ledger.run) == false)
        #expect(try await ledger.jobs.claim(for: session).count == 1)
    }

    @Test("a block without dead jobs ends with resume")
    func block() async throws {
        let ledger = try await Ledger()
        #expect(try await ledger.runs.block(ledger.run, reason: "weights are not finite", under: ledger.aggregator))
        #expect(try await ledger.runs.head(of: ledger.run)?.reason == "weights are not finite")
        #expect(try await ledger.runs.resume(ledger.run))
        let head = try #require(try await ledger.runs.head(of: ledger.run))
        #expect(head.state == .active && head.reason == nil)
    }

    @Test("a cancelled run has no unfinished job, and its workers are fenced")
    func cancel() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let running = try await ledger.claim(session)
        #expect(try await ledger.runs.cancel(ledger.run, reason: "wrong recipe"))
        #expect(try await ledger.jobs.counts(of: ledger.run) == [.cancelled: 8])
        #expect(try await ledger.finish(running) == .fenced)
        let reply = try #require(try await ledger.workers.beat(session, Beat(held: [running.token])))
        #expect(reply.runState == .cancelled)
        #expect(reply.revoked == [running.token])
        #expect(try await ledger.runs.resume(ledger.run) == false)
        #expect(try await ledger.steps.plan(Ledger.plan(4..<5), of: ledger.run, under: ledger.coordinator) == 0)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @discardableResult
    private func create(_ run: NewRun, from chunks: [ChunkReference], in ledger: Ledger) async throws -> RunID {
        let digest = Ledger.sha256("any")
        let update = VersionUpdate(membersDigest: digest, contentDigest: digest, chainDigest: digest)
        return try await ledger.runs.create(run, startingFrom: chunks, update: update)
    }
}
