import CoordinatorRole
import Postgres
import Stores
import TestSupport
import Testing

@Suite(.temporaryDatabase(.migrated)) struct RetentionCleanerTests {
    /// More than two pages of chunks that no version names.
    private static let spare = 1100

    private func spareChunks() async throws -> Database {
        let database = try TemporaryDatabase.current.database()
        try await database.execute(
            """
            INSERT INTO stillhouse.weights_chunk_unlogged (digest, touched_at, data)
            SELECT sha256(n::text::bytea), clock_timestamp() - interval '1 day', n::text::bytea
            FROM generate_series(1, \(Self.spare)) AS n
            """
        )
        return database
    }

    private func cleaner(_ database: Database) -> RetentionCleaner {
        RetentionCleaner(retention: RetentionStore(database), logger: TemporaryDatabase.silentLogger)
    }

    @Test("one turn takes away all that is spent, however many pages that is")
    func everything() async throws {
        let database = try await spareChunks()
        #expect(try await cleaner(database).clean(under: nil).deletedChunks == Self.spare)
        #expect(try await cleaner(database).clean(under: nil).deletedChunks == 0)
    }

    @Test("a turn whose time is over begins no further page, and the next one goes on")
    func limit() async throws {
        let database = try await spareChunks()
        let first = try await cleaner(database).clean(under: nil, within: .zero).deletedChunks
        #expect(first > 0 && first < Self.spare)
        #expect(try await cleaner(database).clean(under: nil).deletedChunks == Self.spare - first)
    }
}
