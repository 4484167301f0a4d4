import Postgres

/// A payload as the database sent it, in libpq's memory: to be hashed and placed from there, without a copy between.
package struct StoredBytes: Sendable {
    private let answer: StatementAnswer
    private let column: String
    private let row: Int

    init(_ answer: StatementAnswer, column: String, row: Int) {
        (self.answer, self.column, self.row) = (answer, column, row)
    }

    /// Lends the bytes for as long as the body runs; none for NULL.
    package func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
        try answer.withBytes(of: column, row: row) { try body($0 ?? UnsafeRawBufferPointer(start: nil, count: 0)) }
    }
}
