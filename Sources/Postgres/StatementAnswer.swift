/// What one statement of a stream answered, in libpq's own memory: a large value is read where it lies.
///
/// `@unchecked Sendable` holds because a result never changes after libpq has handed it out, any thread may read it, and
/// `deinit`, which clears it, runs when nobody has it any more.
package final class StatementAnswer: @unchecked Sendable {
    private let result: PostgresResult
    private let statement: String

    init(_ result: consuming PostgresResult, of statement: String) {
        self.result = result
        self.statement = statement
    }

    package var rowCount: Int { result.rowCount }

    /// A copy of everything; not for large values.
    package var rows: [Row] { result.rows(of: statement) }

    /// A value of the first row, for as long as the body runs; nil for NULL or where there is no row.
    package func withBytes<R>(of column: String, _ body: (UnsafeRawBufferPointer?) throws -> R) throws -> R {
        guard let position = result.position(of: column) else {
            throw PostgresError(.undecodable, "there is no column \"\(column)\"", statement: statement)
        }
        guard rowCount > 0 else { return try body(nil) }
        return try result.withBytes(row: 0, column: position, body)
    }

    /// A copy of a value of the first row.
    package func bytes(of column: String) throws(PostgresError) -> [UInt8]? {
        guard let position = result.position(of: column) else {
            throw PostgresError(.undecodable, "there is no column \"\(column)\"", statement: statement)
        }
        guard rowCount > 0 else { return nil }
        return result.withBytes(row: 0, column: position) { $0.map(Array.init) }
    }
}
