import Migrations
import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of the schema against its migrations", .temporaryDatabase(.migrated))
struct DriftCheckTests {
    private func findings(_ migrations: [Migration] = Migration.all) async throws -> [Finding] {
        let database = try TemporaryDatabase.current.database()
        let migrator = Migrator(migrations, logger: TemporaryDatabase.silentLogger)
        return try await DriftCheck(database, migrations, migrator: migrator).findings()
    }

    private func run(_ script: String) async throws {
        try await TemporaryDatabase.current.connection().script(script)
    }

    @Test("a migrated database is as the migrations make it, and looking leaves nothing behind")
    func clean() async throws {
        #expect(try await findings() == [.ok("schema", "as the migrations make it")])
        let rows = try await TemporaryDatabase.current.database().query(
            "SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE 'stillhouse%' ORDER BY 1"
        )
        #expect(try rows.map { try $0.decode("name", as: String.self) } == ["stillhouse", "stillhouse_migration"])
    }

    /// Damage, where it shows, how bad it is.
    static let damages: [(String, String, Finding.Severity)] = [
        ("ALTER TABLE stillhouse.event SET UNLOGGED", "table event", .error),
        (
            "ALTER TABLE stillhouse.weights_chunk ALTER COLUMN data SET STORAGE EXTENDED",
            "column weights_chunk.data", .warning
        ),
        ("ALTER TABLE stillhouse.run_head RESET (autovacuum_vacuum_scale_factor)", "table run_head", .warning),
        ("ALTER TABLE stillhouse.run_head SET (fillfactor = 100)", "table run_head", .warning),
        ("ALTER TABLE stillhouse.event SET (autovacuum_enabled = false)", "table event", .warning),
        ("DROP INDEX stillhouse.job_claim", "index job.job_claim", .warning),
        (
            "DROP INDEX stillhouse.job_claim; CREATE INDEX job_claim ON stillhouse.job (run_id)",
            "index job.job_claim", .warning
        ),
        ("DROP INDEX stillhouse.gradient_counts_once", "index gradient.gradient_counts_once", .error),
        (
            """
            CREATE OR REPLACE FUNCTION stillhouse.job_release_v1(p_job_id bigint, p_attempt integer, p_session uuid)
            RETURNS boolean LANGUAGE sql AS 'SELECT true'
            """,
            "function job_release_v1(bigint, integer, uuid)", .error
        ),
        (
            "DROP FUNCTION stillhouse.session_close_v1(uuid, integer)",
            "function session_close_v1(uuid, integer)", .error
        ),
        ("ALTER TABLE stillhouse.job DROP CONSTRAINT job_counts", "constraint job.job_counts", .error),
        ("ALTER TABLE stillhouse.metric DROP COLUMN value", "column metric.value", .error),
    ]

    @Test("what somebody changed by hand is found, and its remedy mends it", arguments: damages)
    func damage(script: String, object: String, severity: Finding.Severity) async throws {
        try await run(script)
        let findings = try await findings()
        #expect(findings.map(\.object) == [object], "\(findings)")
        let finding = try #require(findings.first)
        #expect(finding.severity == severity)
        #expect(finding.reason?.isEmpty == false)
        // What was dropped takes its grants with it, which the next look then tells.
        for _ in 0..<3 {
            for finding in try await self.findings().complaints { try await run(finding.remedySQL) }
        }
        #expect(try await self.findings() == [.ok("schema", "as the migrations make it")])
    }

    @Test("rights of Stillhouse's groups that no migration gave are found on schema, table, column and function")
    func grants() async throws {
        let given = Migration(
            number: Migration.all.count + 1,
            name: "sketch",
            up: """
                CREATE TABLE stillhouse.sketch (id bigint PRIMARY KEY, note text);
                CREATE FUNCTION stillhouse.sketch_v1() RETURNS integer LANGUAGE sql AS 'SELECT 1';
                DO $$ BEGIN
                    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'stillhouse_reader') THEN
                        CREATE ROLE stillhouse_reader NOLOGIN;
                    END IF;
                END $$;
                GRANT SELECT (note) ON stillhouse.sketch TO stillhouse_reader;
                GRANT EXECUTE ON FUNCTION stillhouse.sketch_v1() TO stillhouse_reader;
                """,
            down: "DROP TABLE stillhouse.sketch; DROP FUNCTION stillhouse.sketch_v1();"
        )
        try await SecondServer.with(settings: ["fsync": "off"]) { configuration in
            let database = SecondServer.database(configuration)
            let migrations = Migration.all + [given]
            let migrator = Migrator(migrations, logger: TemporaryDatabase.silentLogger)
            try await migrator.up(database)
            let check = DriftCheck(database, migrations, migrator: migrator)
            #expect(try await check.findings() == [.ok("schema", "as the migrations make it")])
            for statement in [
                "GRANT UPDATE ON stillhouse.sketch TO stillhouse_reader",
                "GRANT CREATE ON SCHEMA stillhouse TO stillhouse_reader",
                "REVOKE SELECT (note) ON stillhouse.sketch FROM stillhouse_reader",
                "REVOKE EXECUTE ON FUNCTION stillhouse.sketch_v1() FROM stillhouse_reader",
            ] { try await database.execute(Query(unescaped: statement)) }
            let findings = try await check.findings()
            #expect(
                findings.map(\.object).sorted()
                    == ["column sketch.note", "function sketch_v1()", "schema stillhouse", "table sketch"]
            )
            #expect(findings.allSatisfy { $0.severity == .error })
            for finding in findings { try await database.execute(Query(unescaped: try #require(finding.remedy))) }
            #expect(try await check.findings() == [.ok("schema", "as the migrations make it")])
        }
    }

    @Test("a column of another type and a label too few are told with what they should be")
    func changed() async throws {
        try await run("ALTER TABLE stillhouse.metric ALTER COLUMN value TYPE real")
        try await run("ALTER TYPE stillhouse.run_state RENAME VALUE 'finished' TO 'over'")
        let findings = try await findings()
        let column = try #require(findings["column metric.value"])
        #expect(column.severity == .error)
        #expect(column.found == "is real NOT NULL, not double precision NOT NULL")
        let type = try #require(findings["enum run_state"])
        #expect(type.found.contains("'over'"))
        #expect(type.found.hasSuffix("not 'active', 'blocked', 'finished', 'cancelled'"))
    }

    @Test("what the migrations do not make is a note, and a table of somebody's is one note")
    func foreign() async throws {
        try await run(
            """
            CREATE TABLE stillhouse.notes (id bigint PRIMARY KEY, text text);
            CREATE INDEX job_by_mood ON stillhouse.job (errors);
            CREATE FUNCTION stillhouse.mood() RETURNS integer LANGUAGE sql AS 'SELECT 1'
            """
        )
        let findings = try await findings()
        #expect(findings.complaints == [])
        #expect(findings.map(\.object).sorted() == ["function mood()", "index job.job_by_mood", "table notes"])
        for finding in findings { try await run(finding.remedySQL) }
        #expect(try await self.findings().count == 1)
    }

    @Test("a missing table is told once, without each of its columns")
    func missingTable() async throws {
        try await run("DROP TABLE stillhouse.metric")
        let findings = try await findings()
        #expect(findings.map(\.object) == ["table metric"])
        #expect(findings.first?.severity == .error)
    }

    @Test("a table that must be unlogged and is logged is an error too")
    func unlogged() async throws {
        let next = Migration(
            number: Migration.all.count + 1,
            name: "sketch",
            up: "CREATE UNLOGGED TABLE stillhouse.sketch_unlogged (id bigint PRIMARY KEY, data bytea);",
            down: "DROP TABLE stillhouse.sketch_unlogged;"
        )
        let database = try TemporaryDatabase.current.database()
        try await Migrator(Migration.all + [next], logger: TemporaryDatabase.silentLogger).up(database)
        #expect(try await findings(Migration.all + [next]).complaints == [])
        try await run("ALTER TABLE stillhouse.sketch_unlogged SET LOGGED")
        let finding = try #require(try await findings(Migration.all + [next]).first)
        #expect(finding.severity == .error)
        #expect(finding.remedy == "ALTER TABLE stillhouse.sketch_unlogged SET UNLOGGED;")
    }

    @Test("an older schema is compared with the migrations that it has had")
    func older() async throws {
        let database = try TemporaryDatabase.current.database()
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).down(database, to: 1)
        #expect(try await findings() == [.ok("schema", "as the migrations make it")])
    }

    @Test("a login that may not make a schema is told so, and the rest of doctor goes on")
    func unprivileged() async throws {
        let database = try TemporaryDatabase.current
        let login = "doctor_\(UInt32.random(in: 0 ... .max))"
        try await run(
            """
            CREATE ROLE \(login) LOGIN; GRANT USAGE ON SCHEMA stillhouse_migration TO \(login);
            GRANT SELECT ON ALL TABLES IN SCHEMA stillhouse_migration TO \(login)
            """
        )
        var configuration = database.configuration
        configuration[option: "user"] = login
        let session = SecondServer.database(configuration)
        let migrator = Migrator(Migration.all, logger: TemporaryDatabase.silentLogger)
        let check = DriftCheck(session, Migration.all, migrator: migrator)
        let findings = await check.examine()
        #expect(findings.map(\.severity) == [.note])
        #expect(findings.first?.remedy == "Run doctor as the schema's owner.")
        await session.close()
        try await run("DROP OWNED BY \(login); DROP ROLE \(login)")
    }
}
