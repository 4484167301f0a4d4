package import Postgres

/// Versions and their chunks, for whoever reads weights.
package struct WeightStore: Sendable {
    let database: Database

    package init(_ database: Database) { self.database = database }

    /// The newest published version.
    package func head(of run: RunID) async throws(PostgresError) -> Version? {
        try await versions(
            """
            SELECT v.* FROM stillhouse.version v JOIN stillhouse.run_head h USING (version_id) WHERE h.run_id = \(run)
            """
        ).first
    }

    package func version(_ id: VersionID) async throws(PostgresError) -> Version? {
        try await versions("SELECT * FROM stillhouse.version WHERE version_id = \(id)").first
    }

    /// By number along the surviving history.
    package func version(number: Int, of run: RunID) async throws(PostgresError) -> Version? {
        try await versions(
            """
            SELECT * FROM stillhouse.version
            WHERE run_id = \(run) AND number = \(number) AND state IN ('published', 'retired')
            """
        ).first
    }

    /// Published and retired ones, in order.
    package func list(
        of run: RunID,
        numbers: ClosedRange<Int> = 0...Int(Int32.max)
    ) async throws(PostgresError) -> [Version] {
        try await versions(
            """
            SELECT * FROM stillhouse.version
            WHERE run_id = \(run) AND state IN ('published', 'retired')
                AND number BETWEEN \(numbers.lowerBound) AND \(numbers.upperBound)
            ORDER BY number
            """
        )
    }

    /// The last version from which training can go on without computing anything again.
    package func newestDurable(of run: RunID) async throws(PostgresError) -> Version? {
        try await versions(
            """
            SELECT * FROM stillhouse.version
            WHERE run_id = \(run) AND durable AND state = 'published' ORDER BY number DESC LIMIT 1
            """
        ).first
    }

    /// What a run had applied when it reached a version: versions that changed weights (all but version 0 and those
    /// without a single unit), and images.
    package func progress(upTo version: Version) async throws(PostgresError) -> (updates: Int, samples: Int) {
        let rows = try await database.query(
            """
            SELECT count(*) FILTER (WHERE units > 0) AS updates, coalesce(sum(samples), 0)::bigint AS samples
            FROM stillhouse.version
            WHERE run_id = \(version.run) AND number BETWEEN 1 AND \(version.number)
                AND state IN ('published', 'retired')
            """
        )
        guard let row = rows.first else { return (0, 0) }
        return (try row.decode("updates"), try row.decode("samples"))
    }

    /// Which chunks make up a version, by role and place; none once it is retired.
    package func chunks(
        of version: VersionID,
        roles: [ChunkRole] = ChunkRole.allCases
    ) async throws(PostgresError) -> [ChunkReference] {
        try await database.query(
            """
            SELECT role, ordinal, digest FROM stillhouse.version_chunk
            WHERE version_id = \(version) AND role = ANY (\(roles.map(\.rawValue))) ORDER BY role, ordinal
            """,
            retry: .idempotent
        ).map { row throws(PostgresError) in
            ChunkReference(
                role: try row.decode("role"),
                ordinal: try row.decode("ordinal"),
                digest: try row.decode("digest")
            )
        }
    }

    /// The bytes of one chunk, to be hashed before use; nil when its versions were retired meanwhile.
    package func chunk(_ digest: [UInt8]) async throws(PostgresError) -> [UInt8]? {
        try await database.query(Self.read(digest), retry: .idempotent).first?.decode("data")
    }

    /// Several chunks, one statement each, without waiting for each other's replies.
    package func chunks(_ digests: [[UInt8]]) async throws(PostgresError) -> [[UInt8]?] {
        // Statements are small and answers large: four mebibytes wait at most, as a pull wants.
        var chunks: [[UInt8]?] = []
        for start in stride(from: 0, to: digests.count, by: 4) {
            let window = digests[start..<min(start + 4, digests.count)]
            for rows in try await database.pipeline(window.map(Self.read), retry: .idempotent) {
                chunks.append(try rows.first?.decode("data"))
            }
        }
        return chunks
    }

    /// The bytes of several chunks where libpq keeps them, each as soon as it is there.
    ///
    /// - Parameter receive: called on the connection's thread with the place in the list and the bytes, nil when the
    ///   chunk's versions were retired meanwhile; returns whether to go on. After a lost session all come again.
    package func chunks(
        _ digests: [[UInt8]],
        receive: @escaping @Sendable (Int, StoredBytes?) -> Bool
    ) async throws(PostgresError) {
        let pages = Self.pages(of: digests.count)
        let stream = StatementStream(
            count: pages.count,
            maximumStatementsInFlight: Self.pagesInFlight,
            isRowByRow: true,
            query: { page in
                // A chunk may be in both tables: one of its rows will do.
                """
                SELECT d.place, w.data IS NULL AS is_missing, w.data
                FROM unnest(\(Array(digests[pages[page]]))) WITH ORDINALITY AS d (digest, place)
                LEFT JOIN LATERAL (
                    SELECT data FROM stillhouse.weights WHERE digest = d.digest LIMIT 1
                ) w ON true
                """
            },
            receive: { page, answer throws(PostgresError) in
                for row in 0..<answer.rowCount {
                    let place = pages[page].lowerBound + (try answer.decode("place", row: row, as: Int.self)) - 1
                    let isMissing: Bool = try answer.decode("is_missing", row: row)
                    let bytes = isMissing ? nil : StoredBytes(answer, column: "data", row: row)
                    guard receive(place, bytes) else { return false }
                }
                return true
            }
        )
        try await database.run(stream, retry: .idempotent)
    }

    /// Chunks a statement: its rows stream one by one, and planning it for each of them took a tenth of the server's time.
    private static let chunksPerPage = 8
    /// The server begins with a page while the one before is on its way.
    static let pagesInFlight = 2

    /// The places of a list, page by page.
    static func pages(of count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: chunksPerPage).map { $0..<min($0 + chunksPerPage, count) }
    }

    private static func read(_ digest: [UInt8]) -> Query {
        "SELECT data FROM stillhouse.weights WHERE digest = \(digest) LIMIT 1"
    }

    private func versions(_ query: Query) async throws(PostgresError) -> [Version] {
        try await database.query(query, retry: .idempotent).map { row throws(PostgresError) in try Version(row) }
    }
}
