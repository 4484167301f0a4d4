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

    /// A value for as long as the body runs; nil for NULL.
    package func withBytes<R>(
        of column: String,
        row: Int,
        _ body: (UnsafeRawBufferPointer?) throws -> R
    ) throws -> R {
        try result.withBytes(row: row, column: position(of: column), body)
    }

    /// A copy of a small value, as `Row.decode` gives it.
    package func decode<T: PostgresDecodable>(
        _ column: String,
        row: Int,
        as: T.Type = T.self
    ) throws(PostgresError) -> T {
        let position = try position(of: column)
        let bytes = result.withBytes(row: row, column: position) { $0.map(Array.init) }
        do {
            return try T.decoded(fromPostgres: PostgresValue(bytes: bytes, type: result.type(ofColumn: position)))
        } catch {
            throw PostgresError(.undecodable, "column \"\(column)\" \(error.reason)", statement: statement)
        }
    }

    private func position(of column: String) throws(PostgresError) -> Int {
        if let position = result.position(of: column) { return position }
        throw PostgresError(.undecodable, "there is no column \"\(column)\"", statement: statement)
    }
}
