import Foundation
import Postgres
import Stores
import TestSupport
import Testing

@Suite("Sessions", .temporaryDatabase(.migrated))
struct WorkerStoreTests {
    @Test("opening a session twice is one session")
    func open() async throws {
        let ledger = try await Ledger()
        let session = SessionID()
        let worker = WorkerDescription(host: "desk", device: "cpu", build: "1", numericProfile: "cpu")
        let first = try await ledger.workers.open(session, for: ledger.run, as: worker, digests: Ledger.digests)
        let again = try await ledger.workers.open(session, for: ledger.run, as: worker, digests: Ledger.digests)
        #expect(first == again)
        let listed = try await ledger.workers.list()
        #expect(listed.map(\.alias) == [first])
        #expect(listed.first?.description == worker)
        #expect(listed.first?.isLost == false)
    }

    @Test("another recipe, layout or dataset is refused by name")
    func mismatches() async throws {
        let ledger = try await Ledger()
        let (own, other) = (Ledger.digests, Ledger.sha256("other"))
        let cases: [(RunDigests, SessionRefusal)] = [
            (RunDigests(recipe: other, layout: own.layout, dataset: own.dataset), .recipeDiffers),
            (RunDigests(recipe: own.recipe, layout: other, dataset: own.dataset), .layoutDiffers),
            (RunDigests(recipe: own.recipe, layout: own.layout, dataset: other), .datasetDiffers),
        ]
        for (digests, refusal) in cases {
            await #expect(throws: StoreError.sessionRefused(refusal)) {
                _ = try await ledger.openSession(digests: digests)
            }
        }
        #expect(try await ledger.workers.list().isEmpty)
    }

    @Test("a database that wants a newer protocol refuses new sessions and gives old ones no jobs")
    func protocolNumber() async throws {
        let ledger = try await Ledger()
        let early = try await ledger.openSession()
        let claimed = try await ledger.claim(early)
        try await ledger.upload(claimed)
        try await ledger.database.execute("UPDATE stillhouse.protocol SET minimum = 2, current = 2")
        await #expect(
            throws: StoreError.sessionRefused(.protocolVersion(own: 1, minimum: 2, current: 2))
        ) {
            _ = try await ledger.openSession()
        }
        #expect(try await ledger.jobs.claim(for: early).isEmpty)
        #expect(try await ledger.workers.beat(early, Beat())?.minimumProtocol == 2)
        #expect(try await ledger.gradients.submit(claimed.token, ledger.submission(of: claimed)) == .mismatch)
    }

    @Test("a finished, cancelled or unknown run takes no workers; a closed session is not opened again")
    func refusedRuns() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.workers.close(session, exitCode: 0)
        let worker = WorkerDescription(host: "desk", device: "cpu", build: "1", numericProfile: "cpu")
        await #expect(throws: StoreError.sessionRefused(.sessionTaken)) {
            try await ledger.workers.open(session, for: ledger.run, as: worker, digests: Ledger.digests)
        }
        try await ledger.runs.cancel(ledger.run, reason: "a test")
        await #expect(throws: StoreError.sessionRefused(.run(ledger.run))) { try await ledger.openSession() }
    }

    @Test("a second numeric profile that joins is an event")
    func numericProfiles() async throws {
        let ledger = try await Ledger()
        _ = try await ledger.openSession(profile: "cpu v3")
        _ = try await ledger.openSession(profile: "cpu v3")
        #expect(try await profileEvents(in: ledger) == 0)
        _ = try await ledger.openSession(profile: "cpu v4")
        #expect(try await profileEvents(in: ledger) == 1)
    }

    @Test("a beat's reply says where the run stands")
    func beat() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 1)
        try await ledger.runs.pause(ledger.run)
        let reply = try #require(
            try await ledger.workers.beat(session, Beat(number: 1, statistics: ["samples_per_second": 3.5]))
        )
        #expect(reply.headNumber == 1)
        #expect(reply.runState == .active)
        #expect(reply.isPaused && !reply.mustDrain && reply.revoked.isEmpty)
        let worker = try #require(try await ledger.workers.list(of: ledger.run).first)
        #expect(worker.number == 1)
        #expect(worker.statistics == ["samples_per_second": 3.5])
    }

    @Test("a beat without a job that was claimed long ago gives it back, uncharged; a fresh claim is let be")
    func heldSet() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        _ = try await ledger.workers.beat(session, Beat())
        #expect(try await ledger.jobs.counts(of: ledger.run)[.running] == 2)
        try await ledger.database.execute("UPDATE stillhouse.job SET claimed_at = claimed_at - interval '1 hour'")
        let reply = try #require(try await ledger.workers.beat(session, Beat(held: [jobs[1].token])))
        #expect(reply.revoked.isEmpty)
        #expect(try await ledger.state(of: jobs[0]) == .available)
        #expect(try await ledger.state(of: jobs[1]) == .running)
        let released = try #require(try await ledger.jobs.job(jobs[0].token.job))
        #expect(released.errors == 0 && released.rescues == 0)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("draining reaches a worker with its next beat, one worker or all of them")
    func drain() async throws {
        let ledger = try await Ledger()
        let (one, other) = (try await ledger.openSession(), try await ledger.openSession())
        let alias = try #require(try await ledger.workers.list().first?.alias)
        #expect(try await ledger.workers.drain(alias: alias) == 1)
        #expect(try await ledger.workers.beat(one, Beat())?.mustDrain == true)
        #expect(try await ledger.workers.beat(other, Beat())?.mustDrain == false)
        #expect(try await ledger.workers.drain(of: ledger.run) == 1)
        #expect(try await ledger.workers.beat(other, Beat())?.mustDrain == true)
    }

    @Test("closing gives back what is held; the session then is unknown to every call")
    func close() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let job = try await ledger.claim(session)
        #expect(try await ledger.workers.close(session, exitCode: 0))
        #expect(try await ledger.workers.close(session, exitCode: 0) == false)
        #expect(try await ledger.state(of: job) == .available)
        #expect(try await ledger.workers.beat(session, Beat()) == nil)
        #expect(try await ledger.finish(job) == .fenced)
        #expect(try await ledger.workers.list().isEmpty)
    }

    @Test("another login can do nothing with a session that it knows")
    func foreignLogin() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let submitted = try await ledger.claim(session)
        try await ledger.finish(submitted)

        // Roles belong to the server, which other tests share.
        let login = "mallory_\(UUID().uuidString.prefix(8))"
        try await ledger.database.execute("CREATE ROLE \(identifier: login)")
        try await ledger.database.execute("GRANT USAGE ON SCHEMA stillhouse TO \(identifier: login)")
        try await ledger.database.execute(
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA stillhouse TO \(identifier: login)"
        )
        let stranger = try TemporaryDatabase.current.database()
        try await stranger.execute("SET SESSION AUTHORIZATION \(identifier: login)")
        let (foreignJobs, foreignGradients) = (JobStore(stranger), GradientStore(stranger))
        let foreignWorkers = WorkerStore(stranger)

        #expect(try await foreignJobs.claim(for: session).isEmpty)
        let held = try await ledger.claim(session)
        try await ledger.upload(held)
        #expect(try await foreignJobs.release(held.token) == false)
        #expect(try await foreignJobs.fail(held.token, error: "mine now") == .fenced)
        #expect(
            try await foreignGradients.put(held.token, part: 0, digest: Ledger.digests.recipe, data: [1]) == false
        )
        #expect(try await foreignGradients.submit(submitted.token, ledger.submission(of: submitted)) == .fenced)
        #expect(try await foreignGradients.submit(held.token, ledger.submission(of: held)) == .fenced)
        #expect(try await foreignWorkers.beat(session, Beat()) == nil)
        #expect(try await foreignWorkers.close(session, exitCode: 0) == false)
        await #expect(throws: PostgresError.self) { try await foreignJobs.counts(of: ledger.run) }
        #expect(try await ledger.gradients.submit(held.token, ledger.submission(of: held)) == .ok)
        await stranger.close()
    }

    private func profileEvents(in ledger: Ledger) async throws -> Int {
        try await EventStore(ledger.database).list(of: ledger.run).count { $0.kind == "numeric_profile_joined" }
    }
}
