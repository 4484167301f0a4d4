import Postgres
import TestSupport
import Testing

@Suite("The tables' persistence", .temporaryDatabase(.migrated))
struct PersistenceTests {
    @Test("tables named for it and the sentinel are unlogged, all others outlive a crash")
    func names() async throws {
        let rows = try await TemporaryDatabase.current.database().query(
            """
            SELECT relname::text AS name FROM pg_class
            WHERE relnamespace = 'stillhouse'::regnamespace AND relkind = 'r'
                AND (relpersistence = 'u') <> (relname LIKE '%\\_unlogged' OR relname = 'sentinel')
            """
        )
        #expect(try rows.map { try $0.decode("name", as: String.self) } == [])
    }
}
