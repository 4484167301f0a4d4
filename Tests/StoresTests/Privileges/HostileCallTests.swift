import Foundation
import Postgres
import Stores
import TestSupport
import Testing

@Suite("A hostile worker's calls", .temporaryDatabase(.empty))
struct HostileCallTests {
    private let description = WorkerDescription(host: "evil", device: "cpu", build: "test", numericProfile: "cpu")

    private func open(_ database: Database, _ guarded: GuardedLedger, _ session: SessionID = SessionID()) async throws
        -> SessionID
    {
        _ = try await WorkerStore(database)
            .open(session, for: guarded.ledger.run, as: description, digests: Ledger.digests)
        return session
    }

    @Test("with another's token, guessed or stolen, every call is fenced without effect", arguments: [true, false])
    func foreignTokens(isStolen: Bool) async throws {
        let guarded = try await GuardedLedger()
        let intruder = try await guarded.intruder()
        let own = try await open(intruder, guarded)
        let before = try await guarded.fingerprint()
        // A bearer secret that leaked serves no other login; a guess has the right job and attempt.
        let token = FencingToken(
            job: guarded.job.token.job,
            attempt: guarded.job.token.attempt,
            session: isStolen ? guarded.session : own
        )
        let jobs = JobStore(intruder)
        let gradients = GradientStore(intruder)
        let data = Array("evil".utf8)
        #expect(try await !jobs.release(token))
        #expect(try await jobs.fail(token, error: "evil") == .fenced)
        #expect(try await !gradients.put(token, part: 0, digest: Ledger.sha256(data), data: data))
        #expect(try await gradients.submit(token, GuardedLedger.submission(of: guarded.job)) == .fenced)
        let finished = FencingToken(
            job: guarded.submitted.token.job,
            attempt: guarded.submitted.token.attempt,
            session: token.session
        )
        #expect(try await gradients.submit(finished, GuardedLedger.submission(of: guarded.submitted)) == .fenced)
        let offer = GradientOffer(
            token: token,
            part: GradientPart(index: 0, digest: Ledger.sha256(data), data: data),
            submission: GuardedLedger.submission(of: guarded.job)
        )
        #expect(try await gradients.offer([offer], for: token.session) == [.fenced])
        #expect(try await EvaluationStore(intruder).submit(token, ["top1": 1]) == .fenced)
        if isStolen {
            #expect(try await jobs.claim(for: guarded.session, limit: 10).isEmpty)
            #expect(try await WorkerStore(intruder).beat(guarded.session, Beat(isDraining: true)) == nil)
            #expect(try await !WorkerStore(intruder).close(guarded.session, exitCode: 0))
            await #expect(throws: StoreError.sessionRefused(.sessionTaken)) {
                try await open(intruder, guarded, guarded.session)
            }
        }
        #expect(try await guarded.fingerprint() == before)
        // The honest worker has noticed nothing.
        let answer = try await GradientStore(guarded.victim)
            .submit(guarded.job.token, GuardedLedger.submission(of: guarded.job))
        #expect(answer == .ok)
        #expect(try await guarded.ledger.brokenInvariants(deep: true) == [])
    }

    @Test("a token of the login's own that is stale is worth nothing")
    func staleToken() async throws {
        let guarded = try await GuardedLedger()
        let intruder = try await guarded.intruder()
        #expect(try await JobStore(guarded.victim).release(guarded.job.token))
        let session = try await open(intruder, guarded)
        let jobs = JobStore(intruder)
        let stale = try #require(try await jobs.claim(for: session).first).token
        #expect(try await jobs.release(stale))
        // The honest worker gets it next, under another attempt.
        let now = try #require(try await JobStore(guarded.victim).claim(for: guarded.session).first)
        #expect(now.token.job == stale.job)
        let before = try await guarded.fingerprint()
        let data = Array("evil".utf8)
        #expect(try await !jobs.release(stale))
        #expect(try await jobs.fail(stale, error: "evil") == .fenced)
        #expect(try await !GradientStore(intruder).put(stale, part: 0, digest: Ledger.sha256(data), data: data))
        #expect(try await GradientStore(intruder).submit(stale, GuardedLedger.submission(of: now)) == .fenced)
        for attempt in [now.token.attempt, .max >> 33, -1] {
            let forged = FencingToken(job: stale.job, attempt: attempt, session: session)
            #expect(try await GradientStore(intruder).submit(forged, GuardedLedger.submission(of: now)) == .fenced)
        }
        #expect(try await guarded.fingerprint() == before)
    }

    @Test("parts outside the layout, too large, with a short digest or a foreign content are refused")
    func flooding() async throws {
        let guarded = try await GuardedLedger()
        #expect(try await JobStore(guarded.victim).release(guarded.job.token))
        let intruder = try await guarded.intruder()
        let session = try await open(intruder, guarded)
        let job = try #require(try await JobStore(intruder).claim(for: session).first)
        let before = try await guarded.fingerprint()
        let gradients = GradientStore(intruder)
        let small: [UInt8] = [1]
        for (part, digest, data) in [
            (-1, Ledger.sha256(small), small), (1, Ledger.sha256(small), small),
            (Int(Int32.max), Ledger.sha256(small), small),
            (0, Ledger.sha256(small), [UInt8](repeating: 1, count: 1_114_113)), (0, small, small),
        ] {
            let error = await #expect(throws: PostgresError.self) {
                try await gradients.put(job.token, part: part, digest: digest, data: data)
            }
            #expect(error?.sqlState == .checkViolation, "\(part): \(String(describing: error))")
        }
        await #expect(throws: StoreError.partsMissing(job: job.token.job, attempt: job.token.attempt)) {
            try await gradients.submit(job.token, GuardedLedger.submission(of: job))
        }
        #expect(try await guarded.fingerprint() == before)
    }

    @Test("targets are neither read nor stored in another's name, by whoever has the name")
    func foreignTargets() async throws {
        let guarded = try await GuardedLedger()
        let intruder = try await guarded.intruder()
        let (key, value) = (Ledger.sha256("target"), [UInt8](repeating: 1, count: 64))
        #expect(try await TargetStore(guarded.victim).put([(key, value)], session: guarded.session) == 1)
        let before = try await guarded.fingerprint()
        let store = TargetStore(intruder)
        #expect(try await store.targets(for: [key], session: guarded.session).isEmpty)
        #expect(try await store.put([(Ledger.sha256("evil"), value)], session: guarded.session) == nil)
        // Under a session of its own it reads what is there, and cannot put another value in its place.
        let session = try await open(intruder, guarded)
        #expect(try await store.put([(key, [UInt8](repeating: 2, count: 64))], session: session) == 0)
        #expect(try await store.targets(for: [key], session: session) == [key: value])
        #expect(try await WorkerStore(intruder).close(session, exitCode: 0))
        let after = try await guarded.fingerprint().filter { !$0.contains("worker_session") }
        #expect(after == before.filter { !$0.contains("worker_session") })
        #expect(try await TargetStore(guarded.victim).targets(for: [key], session: guarded.session) == [key: value])
    }

    @Test("an artifact is stored by nobody but the login that opened the session")
    func stolenArtifact() async throws {
        let guarded = try await GuardedLedger()
        let ledger = try await Ledger.twoPhased(in: guarded.ledger.database, named: "pairs")
        let job = try await ledger.claim(ledger.openSession())
        let artifacts = ArtifactStore(try await guarded.intruder())
        #expect(try await artifacts.submit(job.token, Ledger.artifact(of: job)) == .fenced)
        #expect(try await ledger.finish(job) == .ok)
        #expect(try await artifacts.submit(job.token, Ledger.artifact(of: job)) == .fenced)
        #expect(try await ledger.artifactParts() == 2)
    }

    @Test("a login gets no more jobs than its quota, with whatever limits and sessions it asks at once")
    func jobQuota() async throws {
        let guarded = try await GuardedLedger()
        let owner = guarded.ledger.database
        try await owner.execute("UPDATE stillhouse.setting SET jobs_per_login = 5")
        // All steps at once, so that there is more to claim than anybody may have.
        try await owner.execute(
            "UPDATE stillhouse.job SET state = 'available', base_version_id = 1 WHERE state = 'planned'"
        )
        try await owner.execute(
            """
            INSERT INTO stillhouse.job (run_id, step, ordinal, epoch, first_index, n_samples, state, base_version_id)
            SELECT \(guarded.ledger.run), 0, 100 + i, 0, 0, 4, 'available', 1 FROM generate_series(1, 50) i
            """
        )
        let intruder = try await guarded.intruder()
        let first = try await open(intruder, guarded)
        await #expect(throws: PostgresError.self) { try await JobStore(intruder).claim(for: first, limit: -1) }
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for limit in [1, 2, 3, 1000, Int(Int32.max), 7] {
                group.addTask {
                    let connection = Database(intruder.configuration, logger: TemporaryDatabase.silentLogger)
                    let session = try await open(connection, guarded)
                    return try await JobStore(connection).claim(for: session, limit: limit).count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(counts == 5)
        #expect(try await JobStore(intruder).claim(for: first, limit: 100).isEmpty)
        // Others are not concerned, and an owner has no quota.
        #expect(try await JobStore(guarded.victim).claim(for: guarded.session, limit: 2).count == 2)
        let own = try await guarded.ledger.openSession()
        #expect(try await guarded.ledger.jobs.claim(for: own, limit: 20).count == 20)
    }

    @Test("a login cannot open sessions without end, but may repeat the opening of one")
    func sessionQuota() async throws {
        let guarded = try await GuardedLedger()
        try await guarded.ledger.database.execute("UPDATE stillhouse.setting SET sessions_per_login = 3")
        let intruder = try await guarded.intruder()
        let session = try await open(intruder, guarded)
        for _ in 0..<2 { _ = try await open(intruder, guarded) }
        let error = await #expect(throws: PostgresError.self) { try await open(intruder, guarded) }
        #expect(error?.sqlState?.rawValue == "53400")
        _ = try await open(intruder, guarded, session)
        _ = try await WorkerStore(guarded.victim)
            .open(SessionID(), for: guarded.ledger.run, as: description, digests: Ledger.digests)
    }

    @Test("huge texts and numbers are refused or cut, NUL and NaN are refused")
    func sizes() async throws {
        let guarded = try await GuardedLedger()
        #expect(try await JobStore(guarded.victim).release(guarded.job.token))
        let intruder = try await guarded.intruder()
        let session = try await open(intruder, guarded)
        let job = try #require(try await JobStore(intruder).claim(for: session).first)
        let data = Array("gradient".utf8)
        #expect(try await GradientStore(intruder).put(job.token, part: 0, digest: Ledger.sha256(data), data: data))
        let before = try await guarded.fingerprint()
        let huge = String(repeating: "x", count: 1_000_000)
        let workers = WorkerStore(intruder)
        func expectRefusal(_ work: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) async {
            let error = await #expect(throws: PostgresError.self, sourceLocation: sourceLocation) { try await work() }
            #expect(["22", "23"].contains(error?.sqlState?.rawValue.prefix(2)), sourceLocation: sourceLocation)
        }
        for name in ["host", "device", "build", "profile"] {
            let worker = WorkerDescription(
                host: name == "host" ? huge : "",
                device: name == "device" ? huge : "",
                build: name == "build" ? huge : "",
                numericProfile: name == "profile" ? huge : "cpu"
            )
            await expectRefusal {
                _ = try await workers.open(SessionID(), for: guarded.ledger.run, as: worker, digests: Ledger.digests)
            }
        }
        await expectRefusal { _ = try await workers.beat(session, Beat(statistics: [huge: 1])) }
        await expectRefusal {
            _ = try await intruder.query(
                "SELECT stillhouse.job_fail_v1(\(job.token.job), 1, \(session), convert_from('\\x4100'::bytea, 'UTF8'))"
            )
        }
        func expectRefusal(of change: (inout GradientSubmission) -> Void) async {
            var submission = GuardedLedger.submission(of: job)
            change(&submission)
            let refused = submission
            await expectRefusal { _ = try await GradientStore(intruder).submit(job.token, refused) }
        }
        await expectRefusal { $0.samples = -1 }
        await expectRefusal { $0.samples = .max }
        await expectRefusal { $0.units = -1 }
        await expectRefusal { $0.loss = .nan }
        await expectRefusal { $0.loss = .infinity }
        await expectRefusal { $0.norm = -1 }
        await expectRefusal { $0.norm = .nan }
        await expectRefusal { $0.terms = [huge: .init(sum: 1, count: 1)] }
        await expectRefusal { $0.badSamples = [BadSample(sampleID: 1, key: huge, reason: "")] }
        await expectRefusal {
            $0.badSamples = (0..<1000).map { BadSample(sampleID: Int64($0), key: "k", reason: "all of them") }
        }
        #expect(try await guarded.fingerprint() == before)
        #expect(try await JobStore(intruder).fail(job.token, error: huge) == .retried)
        let stored = try await guarded.ledger.database.query(
            "SELECT max(length(last_error)) AS longest FROM stillhouse.job"
        )
        #expect(try stored.first?.decode("longest") == 4000)
    }

    @Test("beats cannot name other people's jobs, nor cost much with a hundred thousand of them")
    func beats() async throws {
        let guarded = try await GuardedLedger()
        let intruder = try await guarded.intruder()
        let session = try await open(intruder, guarded)
        let tokens = (0..<100_000).map { FencingToken(job: JobID(rawValue: Int64($0)), attempt: 1, session: session) }
        let reply = try #require(try await WorkerStore(intruder).beat(session, Beat(held: tokens, number: .max >> 33)))
        #expect(reply.revoked.count == tokens.count)
        #expect(try await JobStore(guarded.ledger.database).job(guarded.job.token.job)?.state == .running)
    }

    @Test("a search path full of look-alikes changes nothing about our functions")
    func searchPath() async throws {
        let guarded = try await GuardedLedger()
        #expect(try await JobStore(guarded.victim).release(guarded.job.token))
        let intruder = try await guarded.intruder()
        let login = intruder.configuration.user
        let owner = guarded.ledger.database
        // As if an administrator had been careless: a schema of the intruder's own, and temporary tables.
        let name = try TemporaryDatabase.current.configuration.database
        try await owner.execute("GRANT TEMPORARY ON DATABASE \(identifier: name) TO PUBLIC")
        try await owner.execute("CREATE SCHEMA trap AUTHORIZATION \(identifier: login)")
        let connection = PostgresConnection(intruder.configuration, logger: TemporaryDatabase.silentLogger)
        try await connection.connect()
        try await connection.script(
            """
            CREATE TABLE trap.caught (who text);
            GRANT ALL ON SCHEMA trap TO PUBLIC;
            GRANT ALL ON trap.caught TO PUBLIC;
            CREATE FUNCTION trap.spring() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO trap.caught VALUES (current_user); RETURN NEW; END $$;
            CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO trap.caught VALUES (current_user); RETURN now(); END $$;
            CREATE FUNCTION trap.equal(uuid, uuid) RETURNS boolean LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO trap.caught VALUES (current_user); RETURN true; END $$;
            CREATE OPERATOR trap.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = trap.equal);
            CREATE TEMP TABLE setting AS SELECT 1000000 AS jobs_per_login;
            CREATE TEMP TABLE worker_session AS
                SELECT NULL::uuid AS session, session_user AS login, 1::bigint AS run_id, 'active' AS state;
            SET search_path = trap, pg_temp, stillhouse, pg_catalog;
            """
        )
        let session = SessionID()
        let rows = try await connection.query(
            """
            SELECT outcome FROM stillhouse.session_open_v1(
                \(session), \(guarded.ledger.run), 'evil', 'cpu', 'test', 'cpu', 1, \(Ledger.digests.recipe),
                \(Ledger.digests.layout), \(Ledger.digests.dataset)
            )
            """
        )
        #expect(try rows.first?.decode("outcome") == "ok")
        let claimed = try await connection.query("SELECT job_id FROM stillhouse.job_claim_v1(\(session), 5)")
        #expect(claimed.count == 1)
        let stolen = try await connection.query("SELECT * FROM stillhouse.job_claim_v1(\(guarded.session), 5)")
        #expect(stolen.isEmpty)
        #expect(try await owner.query("SELECT FROM trap.caught").isEmpty)
        try await owner.execute("SELECT stillhouse.session_close_v1(\(guarded.session), 0)")
        await connection.close()
    }
}
