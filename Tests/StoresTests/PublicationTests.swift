import Postgres
import Stores
import TestSupport
import Testing

@Suite("Publication", .temporaryDatabase(.migrated))
struct PublicationTests {
    @Test("publishing moves the head, applies the step and opens the next one at the new version")
    func publish() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        #expect(try await ledger.publish())
        let head = try #require(try await ledger.runs.head(of: ledger.run))
        #expect(head.number == 1 && head.samplesTotal == 8)
        #expect(try await ledger.jobs.counts(of: ledger.run) == [.applied: 2, .available: 2, .planned: 4])
        let job = try await ledger.claim(session)
        #expect(job.arguments.step == 1)
        #expect(job.baseVersion == head.version)
        #expect(job.baseNumber == 1)
        let metrics = try await MetricStore(ledger.database).list(of: ledger.run)
        #expect(metrics == [Metric(number: 1, name: "loss", value: 0.5)])
        #expect(try await EventStore(ledger.database).list(of: ledger.run).first?.kind == "version_published")
        #expect(try await ledger.brokenInvariants(deep: true).isEmpty)
    }

    @Test("publishing from a parent that is no longer the head changes nothing")
    func staleParent() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        // Two aggregators made the same version; one of them was faster.
        let slow = try await ledger.draft()
        #expect(try await ledger.publish())
        let before = try await ledger.runs.head(of: ledger.run)
        #expect(try await ledger.weights.publish(slow.id, members: slow.members, under: ledger.aggregator) == false)
        #expect(try await ledger.runs.head(of: ledger.run) == before)
        #expect(try await ledger.weights.state(of: slow.id, under: ledger.aggregator) == .draft)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("of aggregators that publish at once, one wins and the others change nothing")
    func rivals() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        for number in 1...4 {
            try await ledger.completeStep(session)
            // All drafts before any publication: a later one would be the child of the winner.
            var drafts: [(id: VersionID, members: [GradientManifest])] = []
            for _ in 0..<3 { drafts.append(try await ledger.draft()) }
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for draft in drafts {
                    let rival = try Ledger.beside(ledger)
                    group.addTask {
                        try await rival.weights.publish(draft.id, members: draft.members, under: rival.aggregator)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
            #expect(try await ledger.runs.head(of: ledger.run)?.number == number)
        }
        #expect(try await ledger.brokenInvariants(deep: true) == [])
    }

    @Test("after a lost reply the draft's state says whether to publish again")
    func lostReply() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let draft = try await ledger.draft()
        #expect(try await ledger.weights.state(of: draft.id, under: ledger.aggregator) == .draft)
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator))
        #expect(try await ledger.weights.state(of: draft.id, under: ledger.aggregator) == .published)
        // Who repeats it without asking is fenced, not counted twice.
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator) == false)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("a publication that leaves a gradient out, or comes too early, is undone as a whole")
    func incomplete() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let jobs = try await ledger.jobs.claim(for: session, limit: 2)
        try await ledger.finish(jobs[0])
        let early = try await ledger.draft()
        let wanted = StoreError.ledgerInconsistent(statement: "publish: other jobs of the step", expected: 0, found: 1)
        await #expect(throws: wanted) {
            try await ledger.weights.publish(early.id, members: early.members, under: ledger.aggregator)
        }
        try await ledger.finish(jobs[1])
        let complete = try await ledger.draft()
        await #expect(throws: wanted) {
            try await ledger.weights.publish(
                complete.id,
                members: Array(complete.members.prefix(1)),
                under: ledger.aggregator
            )
        }
        #expect(try await ledger.runs.head(of: ledger.run)?.number == 0)
        #expect(try await ledger.jobs.counts(of: ledger.run)[.submitted] == 2)
        #expect(try await ledger.weights.publish(complete.id, members: complete.members, under: ledger.aggregator))
    }

    @Test("totals that are not those of the members undo the publication")
    func totals() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let draft = try await ledger.draft()
        try await ledger.database.execute(
            "UPDATE stillhouse.version SET units = units + 1 WHERE version_id = \(draft.id)"
        )
        await #expect(
            throws: StoreError.ledgerInconsistent(statement: "publish: totals of members", expected: 1, found: 0)
        ) {
            try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator)
        }
        #expect(try await ledger.runs.head(of: ledger.run)?.number == 0)
    }

    @Test("a draft past its lifetime cannot be published")
    func oldDraft() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let draft = try await ledger.draft()
        try await ledger.database.execute(
            "UPDATE stillhouse.version SET created_at = created_at - interval '1 day' WHERE state = 'draft'"
        )
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator) == false)
    }

    @Test("nothing is published while the run is blocked; a pause lets it pass")
    func blockedAndPaused() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let draft = try await ledger.draft()
        try await ledger.runs.block(ledger.run, reason: "a test", under: ledger.aggregator)
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator) == false)
        try await ledger.runs.resume(ledger.run)
        try await ledger.runs.pause(ledger.run)
        #expect(try await ledger.weights.publish(draft.id, members: draft.members, under: ledger.aggregator))
    }

    @Test("the version of the last step finishes the run")
    func lastStep() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.train(session, steps: 3)
        #expect(try await ledger.runs.head(of: ledger.run)?.state == .active)
        try await ledger.train(session, steps: 1)
        let head = try #require(try await ledger.runs.head(of: ledger.run))
        #expect(head.state == .finished)
        #expect(head.number == 4 && head.samplesTotal == 32)
        #expect(try await ledger.jobs.counts(of: ledger.run) == [.applied: 8])
        #expect(try await ledger.steps.open(of: ledger.run) == nil)
        #expect(try await ledger.brokenInvariants(deep: true).isEmpty)
    }

    @Test("a job of the next step that was cancelled while planned stays cancelled")
    func cancelledAhead() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        let planned = try #require(try await ledger.jobs.list(of: ledger.run, in: .planned).first)
        try await ledger.jobs.cancel(planned.id, reason: "a test")
        try await ledger.train(session, steps: 1)
        #expect(try await ledger.jobs.job(planned.id)?.state == .cancelled)
        try await ledger.train(session, steps: 1)
        #expect(try await ledger.runs.head(of: ledger.run)?.samplesTotal == 12)
        #expect(try await ledger.brokenInvariants().isEmpty)
    }

    @Test("publication wakes those who listen")
    func notification() async throws {
        let ledger = try await Ledger()
        let session = try await ledger.openSession()
        try await ledger.completeStep(session)
        let server = try TemporaryDatabase.current
        let listener = NotificationListener(
            server.configuration,
            channels: [ledger.run.channel],
            logger: TemporaryDatabase.silentLogger
        )
        try await withThrowingTaskGroup(of: Void.self) { group throws in
            group.addTask { await listener.run() }
            var heard: [NotificationListener.Event] = []
            for await event in listener.events {
                heard.append(event)
                if event != .listening { break }
                let published = try await ledger.publish()
                #expect(published)
            }
            let wakeUp = PostgresNotification(channel: ledger.run.channel, payload: "version:1")
            #expect(heard == [.listening, .notification(wakeUp)])
            group.cancelAll()
        }
    }
}
