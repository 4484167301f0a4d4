internal import CLibPQ

/// The shortest loops that libpq allows, as a yardstick for everything above: blocking calls, one statement after the
/// other, no time limits, no cancellation. For measurements only.
package actor BareConnection {
    private let executor = ThreadExecutor(name: "yardstick")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let wire: Wire

    package init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        wire = try Wire.open(configuration, interruption: Interruption())
        PQsetnonblocking(wire.connection, 0)
    }

    /// Runs `INSERT … VALUES ($1, $2)` for an ordinal and the bytes of each chunk.
    package func insert(_ sql: String, _ chunks: [ArraySlice<Float>]) throws(PostgresError) {
        for (ordinal, chunk) in chunks.enumerated() {
            let parameters = try BoundParameters([Int32(ordinal).postgresParameter, .bytes(of: chunk)])
            guard parameters.send(sql, on: wire.connection) else { throw wire.refusal() }
            while let result = PostgresResult(PQgetResult(wire.connection)) {
                guard result.status == PGRES_COMMAND_OK else { throw PostgresError(result) }
            }
        }
    }

    /// Runs a SELECT of one bytea column, row by row, and drops the rows.
    /// - Returns: how many bytes came.
    package func select(_ sql: String) throws(PostgresError) -> Int {
        guard PQsendQueryParams(wire.connection, sql, 0, nil, nil, nil, nil, 1) == 1 else { throw wire.refusal() }
        PQsetSingleRowMode(wire.connection)
        var byteCount = 0
        while let result = PostgresResult(PQgetResult(wire.connection)) {
            switch result.status {
            case PGRES_SINGLE_TUPLE: byteCount += result.withBytes(row: 0, column: 0) { $0?.count ?? 0 }
            case PGRES_TUPLES_OK: continue
            default: throw PostgresError(result)
            }
        }
        return byteCount
    }
}
