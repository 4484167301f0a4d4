import Postgres
import TestSupport
import Testing

@Suite("Migrator", .temporaryDatabase(.empty))
struct MigratorTests {
    private static let first = Migration(
        number: 1,
        name: "initial",
        up: """
            CREATE SCHEMA product;
            CREATE TABLE product.job (job_id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'planned');
            CREATE INDEX job_state ON product.job (state);
            """,
        down: "DROP TABLE product.job; DROP SCHEMA product;",
        guardedTables: ["product.job"]
    )
    private static let second = Migration(
        number: 2,
        name: "calls",
        up: "CREATE FUNCTION product.claim_v1() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';",
        down: "DROP FUNCTION product.claim_v1();"
    )

    private func migrator(_ migrations: [Migration] = [first, second], lockTimeout: Duration = .seconds(5)) -> Migrator
    {
        Migrator(migrations, lockTimeout: lockTimeout, logger: TemporaryDatabase.silentLogger)
    }

    /// Every relation, column and function of the product's schema.
    private func catalogue(_ database: Database) async throws -> [String] {
        try await database.query(
            """
            SELECT concat_ws(' ', c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                pg_get_expr(d.adbin, d.adrelid)) AS line
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
            WHERE c.relnamespace = to_regnamespace('product')::oid
            UNION ALL
            SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = to_regnamespace('product')::oid
            ORDER BY line
            """
        ).map { try $0.decode("line") }
    }

    private func failure(_ work: () async throws -> Void) async throws -> PostgresError {
        try #require(await #expect(throws: PostgresError.self) { try await work() })
    }

    @Test("up, down, up gives the same catalogue")
    func upDownUp() async throws {
        let database = try TemporaryDatabase.current.database()
        #expect(try await migrator().up(database) == [Self.first, Self.second])
        let before = try await catalogue(database)
        #expect(before.count > 3)
        #expect(try await migrator().down(database, to: 0) == [Self.second, Self.first])
        #expect(try await catalogue(database).isEmpty)
        #expect(try await migrator().up(database) == [Self.first, Self.second])
        #expect(try await catalogue(database) == before)
        #expect(try await migrator().up(database).isEmpty)
    }

    @Test("status tells pending, applied, changed and unknown apart")
    func status() async throws {
        let database = try TemporaryDatabase.current.database()
        #expect(try await migrator().status(database).map(\.state) == [.pending, .pending])
        try await migrator().up(database, to: 1)
        let half = try await migrator().status(database)
        #expect(half.map(\.name) == ["initial", "calls"])
        guard case .applied = half[0].state else { return #expect(Bool(false), "\(half[0])") }
        #expect(half[1].state == .pending)
        try await migrator().up(database)
        let changed = Migration(number: 1, name: "initial", up: "SELECT 1", down: "SELECT 1")
        let other = try await migrator([changed]).status(database)
        guard case .changed = other[0].state, case .unknown = other[1].state else {
            return #expect(Bool(false), "\(other)")
        }
    }

    @Test("a migration that was changed after it was applied is refused, in either direction")
    func changed() async throws {
        let database = try TemporaryDatabase.current.database()
        try await migrator().up(database)
        let edited = Migration(number: 2, name: "calls", up: Self.second.up, down: Self.second.down + " ")
        let works: [() async throws -> Void] = [
            { try await migrator([Self.first, edited]).up(database) },
            { try await migrator([Self.first, edited]).down(database, to: 0) },
            { try await migrator([Self.first, edited]).validate(database) },
        ]
        for work in works {
            let error = try await failure(work)
            #expect(error.kind == .migration)
            #expect(error.message.hasPrefix("migration 2 (calls) differs from the one that the database has had"))
            #expect(error.nextStep?.contains("new migration") == true)
        }
    }

    @Test("a schema newer than the build is refused, naming both numbers")
    func newer() async throws {
        let database = try TemporaryDatabase.current.database()
        try await migrator().up(database)
        for work in [
            { try await migrator([Self.first]).up(database) },
            { try await migrator([Self.first]).down(database, to: 0) },
        ] {
            let error = try await failure { _ = try await work() }
            #expect(error.message == "the database's schema is at number 2 (calls), this build knows up to 1")
            #expect(error.nextStep?.contains("Use a build of stillhouse that knows number 2") == true)
        }
    }

    @Test("a migration slipped in before applied ones is refused")
    func gap() async throws {
        let database = try TemporaryDatabase.current.database()
        let third = Migration(number: 3, name: "later", up: "SELECT 1", down: "SELECT 1")
        try await migrator([Self.first, third]).up(database)
        let error = try await failure { try await migrator([Self.first, Self.second, third]).up(database) }
        #expect(error.message.contains("number 3 (later) but not migration 2 (calls)"))
    }

    @Test("a failing migration leaves nothing of itself, and the ones before it stand")
    func failing() async throws {
        let database = try TemporaryDatabase.current.database()
        let broken = Migration(number: 2, name: "broken", up: "CREATE TABLE product.x (); SELECT 1 / 0;", down: "")
        let error = try await failure { try await migrator([Self.first, broken]).up(database) }
        #expect(error.statement == "migration 2 (broken), up")
        #expect(try await migrator().status(database).last?.state == .pending)
        #expect(try await database.query("SELECT WHERE to_regclass('product.x') IS NOT NULL").isEmpty)
    }

    @Test("down refuses to delete rows unless forced, and then stops before the first step")
    func guarded() async throws {
        let database = try TemporaryDatabase.current.database()
        try await migrator().up(database)
        try await database.execute("INSERT INTO product.job VALUES (1)")
        let error = try await failure { try await migrator().down(database, to: 0) }
        #expect(error.message == "migrating down would delete the rows of product.job")
        #expect(error.nextStep?.contains("--force") == true)
        #expect(try await migrator().status(database).allSatisfy { $0.state != .pending })
        #expect(try await migrator().down(database, to: 1) == [Self.second])
        #expect(try await migrator().down(database, to: 0, isForced: true) == [Self.first])
    }

    @Test("of two migrators at once each migration is applied by one")
    func race() async throws {
        let current = try TemporaryDatabase.current
        let applied = try await withThrowingTaskGroup { group in
            for _ in 0..<4 { group.addTask { try await migrator().up(current.database()) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied.map(\.number).sorted() == [1, 2])
    }

    @Test("a migrator that cannot have the lock says who has it")
    func locked() async throws {
        let database = try TemporaryDatabase.current.database()
        let holder = try await TemporaryDatabase.current.connection()
        try await holder.execute("SELECT pg_advisory_lock(hashtextextended('stillhouse_migration', 0))")
        let error = try await failure { try await migrator(lockTimeout: .milliseconds(10)).up(database) }
        #expect(error.message.contains("another process has been migrating this database"))
        try await holder.execute("SELECT pg_advisory_unlock_all()")
        #expect(try await migrator().up(database).count == 2)
    }
}
