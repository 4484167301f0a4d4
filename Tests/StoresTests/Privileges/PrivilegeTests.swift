import Migrations
import Postgres
import Stores
import TestSupport
import Testing

@Suite("Grants", .temporaryDatabase(.empty))
struct PrivilegeTests {
    @Test(
        "each column is granted to whom it was decided, and nobody but the owner writes",
        arguments: LoginRole.allCases
    )
    func columns(role: LoginRole) async throws {
        let guarded = try await GuardedLedger()
        let rows = try await guarded.ledger.database.query(
            """
            SELECT c.relname::text AS relation, a.attname::text AS name, a.atttypid = 'uuid'::regtype AS is_session,
                has_column_privilege(\(role.group), c.oid, a.attname, 'SELECT') AS is_readable,
                has_column_privilege(\(role.group), c.oid, a.attname, 'INSERT')
                    OR has_column_privilege(\(role.group), c.oid, a.attname, 'UPDATE')
                    OR has_table_privilege(\(role.group), c.oid, 'DELETE, TRUNCATE, TRIGGER') AS is_writable,
                pg_get_userbyid(c.relowner)::text AS owner
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'stillhouse'::regnamespace AND c.relkind NOT IN ('i', 'S', 'c') AND a.attnum > 0
                AND NOT a.attisdropped
            """
        )
        #expect(rows.count > 100)
        for row in rows {
            let relation: String = try row.decode("relation")
            let name: String = try row.decode("name")
            let access = try #require(
                PrivilegeDecisions.access(relation, role),
                "decide who may read \(relation), grant it in a migration, and say so in PrivilegeDecisions"
            )
            let isReadable =
                switch access {
                case .everything: true
                case .nothing: false
                case .withoutSessions: try !row.decode("is_session", as: Bool.self)
                }
            #expect(try row.decode("is_readable") == isReadable, "\(role) reads \(relation).\(name)")
            #expect(try row.decode("is_writable") == (role == .owner), "\(role) writes \(relation).\(name)")
            #expect(try row.decode("owner") == "stillhouse_owner", "\(relation)")
        }
    }

    @Test("functions with a session are the workers', all others the owner's, and all run without a superuser's rights")
    func functions() async throws {
        let guarded = try await GuardedLedger()
        let rows = try await guarded.ledger.database.query(
            """
            SELECT p.proname::text AS name, coalesce('p_session' = ANY (p.proargnames), false) AS takes_session,
                has_function_privilege('stillhouse_worker', p.oid, 'EXECUTE') AS is_workers,
                has_function_privilege('stillhouse_reader', p.oid, 'EXECUTE') AS is_readers,
                pg_get_userbyid(p.proowner)::text AS owner,
                p.prosecdef AND p.proconfig @> ARRAY['search_path=stillhouse, pg_temp'] AS is_guarded,
                pg_get_functiondef(p.oid) LIKE '%session_user%' AS names_login
            FROM pg_proc p WHERE p.pronamespace = 'stillhouse'::regnamespace
            """
        )
        #expect(rows.count > 10)
        for row in rows {
            let name: String = try row.decode("name")
            let takesSession: Bool = try row.decode("takes_session")
            #expect(takesSession != PrivilegeDecisions.internalFunctions.contains(name), "decide who may call \(name)")
            #expect(try row.decode("is_workers") == takesSession, "\(name)")
            #expect(try !row.decode("is_readers", as: Bool.self), "\(name)")
            #expect(try row.decode("owner") == "stillhouse_owner", "\(name)")
            #expect(try row.decode("is_guarded"), "\(name)")
            #expect(try !takesSession || row.decode("names_login"), "\(name) does not look at the login")
        }
        let owner = try await guarded.ledger.database.query(
            """
            SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin AS is_powerful
            FROM pg_roles WHERE rolname = 'stillhouse_owner'
            """
        )
        #expect(try owner.map { try $0.decode("is_powerful", as: Bool.self) } == [false])
    }

    @Test("a migrated database is closed to everybody else, and what stays open is told")
    func doors() async throws {
        let guarded = try await GuardedLedger()
        let database = guarded.ledger.database
        #expect(try await PrivilegeStore(database).openDoors() == [])
        let name = try TemporaryDatabase.current.configuration.database
        try await database.execute("GRANT TEMPORARY ON DATABASE \(identifier: name) TO PUBLIC")
        try await database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        try await database.execute("GRANT EXECUTE ON FUNCTION pg_catalog.lo_create(oid) TO PUBLIC")
        let remedies = try await PrivilegeStore(database).openDoors()
        #expect(remedies.count == 3, "\(remedies)")
        for remedy in remedies {
            for statement in remedy.split(separator: ";") {
                try await database.execute(Query(unescaped: String(statement)))
            }
        }
        #expect(try await PrivilegeStore(database).openDoors() == [])
    }

    @Test("what a later migration makes belongs to the owners, and its functions to nobody else")
    func laterMigrations() async throws {
        let guarded = try await GuardedLedger()
        let database = guarded.ledger.database
        let next = Migration(
            number: 1000,
            name: "later",
            up: """
                CREATE TABLE stillhouse.later ();
                CREATE FUNCTION stillhouse.later() RETURNS int LANGUAGE sql AS 'SELECT 1'
                """,
            down: "DROP FUNCTION stillhouse.later(); DROP TABLE stillhouse.later"
        )
        let migrator = Migrator(Migration.all + [next], logger: TemporaryDatabase.silentLogger)
        try await migrator.up(database)
        let rows = try await database.query(
            """
            SELECT pg_get_userbyid(p.proowner)::text || ' ' || pg_get_userbyid(c.relowner) AS owners,
                has_function_privilege('stillhouse_worker', p.oid, 'EXECUTE')
                    OR has_table_privilege('stillhouse_reader', c.oid, 'SELECT') AS is_open
            FROM pg_proc p, pg_class c
            WHERE p.oid = 'stillhouse.later'::regproc AND c.oid = 'stillhouse.later'::regclass
            """
        )
        #expect(try rows.first?.decode("owners") == "stillhouse_owner stillhouse_owner")
        #expect(try rows.first?.decode("is_open") == false)
        try await migrator.down(database, to: Migration.all.last?.number ?? 0)
    }
}
