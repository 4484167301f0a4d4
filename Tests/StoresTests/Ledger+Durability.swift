import Postgres
import Stores
import Testing

/// What the aggregator of a `checkpointed` run does about durability, and what became of versions.
extension Ledger {
    /// Moves what a version trained to the unlogged table, where a checkpointed run's versions belong.
    func unlog(_ numbers: Int...) async throws {
        for number in numbers {
            try await database.execute(
                """
                WITH moved AS (
                    DELETE FROM stillhouse.weights_chunk WHERE digest = \(Self.sha256("student \(number)"))
                    RETURNING digest, touched_at, data
                )
                INSERT INTO stillhouse.weights_chunk_unlogged (digest, touched_at, data) TABLE moved
                """
            )
        }
    }

    /// Makes a version durable: its own chunk and both moments logged.
    func checkpoint(_ number: Int) async throws {
        let version = try #require(try await weights.version(number: number, of: run))
        for (role, moment) in [(ChunkRole.moment1, "first moment \(number)"), (.moment2, "second moment \(number)")] {
            try await database.execute(
                """
                INSERT INTO stillhouse.weights_chunk (digest, data)
                VALUES (\(Self.sha256(moment)), \(Array(moment.utf8))) ON CONFLICT DO NOTHING
                """
            )
            try await database.execute(
                """
                INSERT INTO stillhouse.version_chunk (version_id, role, ordinal, digest)
                VALUES (\(version.id), \(role.rawValue), 0, \(Self.sha256(moment)))
                """
            )
        }
        try await database.execute(
            """
            INSERT INTO stillhouse.weights_chunk SELECT * FROM stillhouse.weights_chunk_unlogged
            WHERE digest = \(Self.sha256("student \(number)")) ON CONFLICT DO NOTHING
            """
        )
        try await database.execute("UPDATE stillhouse.version SET durable = true WHERE version_id = \(version.id)")
    }

    /// All versions that the run ever published, by number and then by age: `0 published durable`, `1 lost`.
    func versionStates() async throws -> [String] {
        try await database.query(
            """
            SELECT number || ' ' || state || CASE WHEN durable THEN ' durable' ELSE '' END AS state
            FROM stillhouse.version WHERE run_id = \(run) ORDER BY number, version_id
            """
        ).map { try $0.decode("state") }
    }

    /// The run's gradients by state.
    func gradientCounts() async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try await database.query(
            "SELECT state::text AS state, count(*) AS n FROM stillhouse.gradient WHERE run_id = \(run) GROUP BY state"
        ) {
            counts[try row.decode("state")] = try row.decode("n", as: Int.self)
        }
        return counts
    }

    func head() async throws -> RunHead { try #require(try await runs.head(of: run)) }

    /// The newest event of a kind, with its details.
    func event(_ kind: String) async throws -> String? {
        try await EventStore(database).list(of: run).first { $0.kind == kind }?.detail
    }
}
