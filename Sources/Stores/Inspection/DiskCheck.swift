package import Postgres

/// How large the database is, and what is left of the disk where that can be seen.
package struct DiskCheck: Check {
    package let subject = "disk"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package struct Facts: Sendable {
        package let databaseBytes: Int
        package let chunkBytes: Int
        /// Of the disk with the data directory; nil where this machine cannot see it.
        package let free: Int?
        package let capacity: Int?
        /// Of the largest model that is being trained.
        package let parameterCount: Int

        package init(databaseBytes: Int, chunkBytes: Int, free: Int?, capacity: Int?, parameterCount: Int) {
            (self.databaseBytes, self.chunkBytes) = (databaseBytes, chunkBytes)
            (self.free, self.capacity, self.parameterCount) = (free, capacity, parameterCount)
        }

        /// Room for a durable version with its moments, and the log of writing it.
        package var wanted: Int { max(1 << 30, 24 * parameterCount) }
    }

    package func findings() async throws -> [Finding] {
        let rows = try await database.query(
            """
            SELECT pg_database_size(current_database()) AS database_bytes, (
                SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
                WHERE relnamespace = to_regnamespace('stillhouse') AND relkind = 'r' AND relname LIKE '%\\_chunk%'
            ) AS chunk_bytes, inet_server_addr() IS NULL AS is_local,
                CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END
                    AS data_directory
            """,
            retry: .idempotent
        )
        guard let row = rows.first else { return [] }
        let directory: String? = try row.decode("data_directory")
        let space = try row.decode("is_local") ? directory.flatMap(DiskSpace.init(path:)) : nil
        return Self.judge(
            Facts(
                databaseBytes: try row.decode("database_bytes"),
                chunkBytes: try row.decode("chunk_bytes"),
                free: space?.free,
                capacity: space?.capacity,
                parameterCount: try await database.largestModel()
            )
        )
    }

    package static func judge(_ facts: Facts) -> [Finding] {
        let size =
            "the database takes \(megabytes(facts.databaseBytes)), \(megabytes(facts.chunkBytes)) of it chunks of weights "
            + "and gradients"
        guard let free = facts.free, let capacity = facts.capacity else {
            return [.note("disk", "\(size); the free space of the server's disk cannot be seen from here")]
        }
        let found = "\(size); \(megabytes(free)) of \(megabytes(capacity)) are free"
        guard free < facts.wanted || free < capacity / 10 else { return [.ok("disk", found)] }
        return [
            Finding(
                free < facts.wanted ? .error : .warning,
                "disk",
                found,
                because:
                    "on a full disk nothing can be claimed or published, and PostgreSQL may stop; a durable version "
                    + "and its log want \(megabytes(facts.wanted))",
                mend: """
                    Give the server's disk more room. What Stillhouse no longer needs goes with: stillhouse gc
                    Keeping fewer versions: UPDATE stillhouse.setting SET versions_kept = 2;
                    """
            )
        ]
    }

    private static func megabytes(_ count: Int) -> String { "\(count / 1_000_000) MB" }
}
