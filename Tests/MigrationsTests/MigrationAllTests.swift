import Foundation
import Migrations
import Postgres
import TestSupport
import Testing

@Suite("The migrations")
struct MigrationAllTests {
    @Test("all are the files of the folder, byte for byte")
    func folder() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Migrations/sql")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var texts: [String: String] = [:]
        for file in files { texts[file.lastPathComponent] = try String(contentsOf: file, encoding: .utf8) }

        var embedded: [String: String] = [:]
        for migration in Migration.all {
            let stem = String(format: "%04d_", migration.number) + migration.name
            embedded["\(stem).up.sql"] = migration.up
            embedded["\(stem).down.sql"] = migration.down
        }
        #expect(embedded.keys.sorted() == texts.keys.sorted())
        // Whole texts would fill the screen.
        for (name, text) in texts { #expect((embedded[name] == text) as Bool, "\(name)") }
        #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
    }

    @Test("up, down and up again give the same catalogue", .temporaryDatabase(.empty))
    func roundTrip() async throws {
        let database = try TemporaryDatabase.current.database()
        let migrator = Migrator(Migration.all, logger: TemporaryDatabase.silentLogger)
        let empty = try await catalogue(of: database)
        #expect(try await migrator.up(database).count == Migration.all.count)
        let first = try await catalogue(of: database)
        #expect(first.count > 100)
        try await migrator.down(database, to: 0)
        #expect(try await catalogue(of: database) == empty)
        try await migrator.up(database)
        #expect(try await catalogue(of: database) == first)
    }

    @Test("down refuses to delete a run unless forced", .temporaryDatabase(.migrated))
    func downIsGuarded() async throws {
        let database = try TemporaryDatabase.current.database()
        try await database.execute(
            """
            INSERT INTO stillhouse.weights_chunk (digest, data) VALUES (sha256('\\x00'), '\\x00')
            """
        )
        let migrator = Migrator(Migration.all, logger: TemporaryDatabase.silentLogger)
        await #expect(throws: PostgresError.self) { try await migrator.down(database, to: 0) }
        try await migrator.down(database, to: 0, isForced: true)
    }

    @Test("nobody but the owner may use the schema or call its functions", .temporaryDatabase(.migrated))
    func nothingIsPublic() async throws {
        let database = try TemporaryDatabase.current.database()
        let rows = try await database.query(
            """
            SELECT p.proname FROM pg_proc p
            WHERE p.pronamespace = 'stillhouse'::regnamespace AND (
                has_function_privilege('pg_read_all_data', p.oid, 'EXECUTE')
                OR NOT p.prosecdef OR NOT p.proconfig @> ARRAY['search_path=stillhouse, pg_temp']
            )
            """
        )
        #expect(rows.isEmpty)
    }

    /// Columns, constraints, indexes, functions, enum values, storage, owners and grants of our schema, one line each.
    private func catalogue(of database: Database) async throws -> [String] {
        try await database.query(
            """
            SELECT format('column %s.%s %s %s %s %s %s', c.relname, a.attname, a.atttypid::regtype, a.attnotnull,
                a.attstorage, pg_get_expr(d.adbin, d.adrelid), a.attacl) AS line
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
            WHERE c.relnamespace = to_regnamespace('stillhouse') AND a.attnum > 0
            UNION ALL SELECT format('relation %s %s %s %s %s %s', relname, relkind, relpersistence,
                reloptions, relowner::regrole, relacl)
            FROM pg_class WHERE relnamespace = to_regnamespace('stillhouse')
            UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE connamespace = to_regnamespace('stillhouse')
            UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = 'stillhouse'
            UNION ALL SELECT format('function %s %s', pg_get_functiondef(oid), proacl)
            FROM pg_proc WHERE pronamespace = to_regnamespace('stillhouse')
            UNION ALL SELECT format('trigger %s', pg_get_triggerdef(t.oid))
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relnamespace = to_regnamespace('stillhouse') AND NOT t.tgisinternal
            UNION ALL SELECT format('view %s', definition) FROM pg_views WHERE schemaname = 'stillhouse'
            UNION ALL SELECT format('enum %s %s %s', t.typname, e.enumlabel, e.enumsortorder)
            FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
            WHERE t.typnamespace = to_regnamespace('stillhouse')
            ORDER BY line
            """
        ).map { try $0.decode("line") }
    }
}
