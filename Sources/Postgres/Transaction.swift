/// What a transaction's body may do: statements on the one session, one after the other.
///
/// Every method is synchronous and the value can be neither copied nor kept, so a body cannot await anything while its
/// transaction is open: computation and file access have to come before or after it.
package struct Transaction: ~Copyable {
    private let wire: Wire
    private let limit: Wire.Limit

    init(on wire: Wire, limit: Wire.Limit) { (self.wire, self.limit) = (wire, limit) }

    package func query(_ query: Query, statement: String = #function) throws(PostgresError) -> [Row] {
        try wire.run(query, statement: statement, limit: limit).rows
    }

    /// - Returns: how many rows the statement touched.
    @discardableResult
    package func execute(_ query: Query, statement: String = #function) throws(PostgresError) -> Int {
        try wire.run(query, statement: statement, limit: limit).affectedRows
    }

    /// Runs a text of several statements; it must not end the transaction itself.
    package func script(_ text: String, statement: String = #function) throws(PostgresError) {
        _ = try wire.run(script: text, statement: statement, limit: limit)
        guard wire.isInTransaction else {
            throw PostgresError(
                .server,
                "the script ended its transaction",
                nextStep: "Remove BEGIN, COMMIT and ROLLBACK from it",
                statement: statement
            )
        }
    }
}
