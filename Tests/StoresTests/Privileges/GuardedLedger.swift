import Migrations
import Postgres
import Stores
import TestSupport
import Testing

/// A ledger behind real logins: a worker that works honestly, and whoever tries what it should not.
///
/// The database is migrated for itself, as the grants of a database are no part of its copies.
struct GuardedLedger {
    let ledger: Ledger
    /// Holds a job with a part uploaded.
    let victim: Database
    let session: SessionID
    let job: ClaimedJob
    /// What the honest worker has handed in.
    let submitted: ClaimedJob

    init() async throws {
        let database = try TemporaryDatabase.current.database()
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(database)
        ledger = try await Ledger(in: database)
        victim = try await Self.login("victim", as: .worker, in: database)
        session = SessionID()
        let worker = WorkerDescription(host: "honest", device: "cpu", build: "test", numericProfile: "cpu")
        _ = try await WorkerStore(victim).open(session, for: ledger.run, as: worker, digests: Ledger.digests)
        let jobs = JobStore(victim)
        submitted = try #require(try await jobs.claim(for: session).first)
        job = try #require(try await jobs.claim(for: session).first)
        for claimed in [submitted, job] {
            let data = Array("gradient".utf8)
            let digest = Ledger.sha256(data)
            #expect(try await GradientStore(victim).put(claimed.token, part: 0, digest: digest, data: data))
        }
        let answer = try await GradientStore(victim).submit(submitted.token, Self.submission(of: submitted))
        #expect(answer == .ok)
    }

    /// A gradient of the one part that the honest worker uploads.
    static func submission(of job: ClaimedJob) -> GradientSubmission {
        GradientSubmission(
            partCount: 1,
            digest: Ledger.sha256(Ledger.sha256(Array("gradient".utf8))),
            samples: job.arguments.sampleCount,
            units: 1,
            loss: 0.5,
            terms: ["distance": .init(sum: 0.5, count: 1)],
            norm: 0.25
        )
    }

    /// Somebody with a valid login of the kind, and nothing else.
    func intruder(_ role: LoginRole = .worker) async throws -> Database {
        try await Self.login("intruder_\(role)", as: role, in: ledger.database)
    }

    /// Logs in as a role that is made for this database; roles belong to the whole server.
    private static func login(_ name: String, as role: LoginRole, in database: Database) async throws -> Database {
        var configuration = try TemporaryDatabase.current.configuration
        let login = "\(name)_\(configuration.database)"
        try await LoginStore(database)
            .create(login, as: role, password: "a password of some length", connectionLimit: role.connectionLimit)
        configuration[option: "user"] = login
        return Database(configuration, logger: TemporaryDatabase.silentLogger, name: name)
    }

    /// Everything in our schemas, and how many things of other kinds there are.
    func fingerprint() async throws -> [String] {
        try await ledger.database.query(
            """
            SELECT c.oid::regclass || ' ' || md5(query_to_xml(
                format('SELECT * FROM %s t ORDER BY t::text', c.oid::regclass), true, false, ''
            )::text) AS line
            FROM pg_class c
            WHERE c.relnamespace::regnamespace::text IN ('stillhouse', 'stillhouse_migration')
                AND c.relkind IN ('r', 'p')
            UNION ALL SELECT 'relations ' || count(*) || md5(string_agg(relacl::text, '' ORDER BY oid)) FROM pg_class
            UNION ALL
            SELECT 'routines ' || md5(string_agg(pg_get_functiondef(oid) || coalesce(proacl::text, ''), '' ORDER BY oid))
            FROM pg_proc WHERE prokind <> 'a' AND oid >= 16384
            UNION ALL SELECT 'schemas ' || count(*) FROM pg_namespace
            UNION ALL SELECT 'types ' || count(*) FROM pg_type
            UNION ALL SELECT 'large objects ' || count(*) FROM pg_largeobject_metadata
            ORDER BY line
            """
        ).map { try $0.decode("line") }
    }

    /// Tries a statement that has to be refused.
    static func expectRefusal(
        _ attacker: Database,
        _ sql: String,
        _ codes: Set<String> = ["42501"],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await attacker.execute(Query(unescaped: sql))
            Issue.record("not refused: \(sql)", sourceLocation: sourceLocation)
        } catch {
            #expect(
                codes.contains(error.sqlState?.rawValue ?? "none"),
                "\(sql): \(error)",
                sourceLocation: sourceLocation
            )
        }
    }
}
