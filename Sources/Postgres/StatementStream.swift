/// Many statements that travel without waiting for each other's answers, made as they are sent and answered as they come.
///
/// Both closures run on the connection's thread, in the order of the statements. Neither may wait for the connection.
package struct StatementStream: Sendable {
    package let count: Int
    /// What may be sent and not yet answered; a statement larger than that goes alone.
    package var maximumBytesInFlight: Int
    /// The same for statements that are small and whose answers are large.
    package var maximumStatementsInFlight: Int
    /// Whether an answer is taken row by row as it arrives, which keeps memory small where rows are large; its end then
    /// comes as an answer without rows.
    package var isRowByRow: Bool
    /// Makes a statement. May be asked for the same one again, when a lost session makes the stream begin anew.
    package let query: @Sendable (Int) throws(PostgresError) -> Query
    /// Takes a statement's answer, or its next rows.
    /// - Returns: false when no more statements are to be sent.
    package let receive: @Sendable (Int, StatementAnswer) throws(PostgresError) -> Bool

    package init(
        count: Int,
        maximumBytesInFlight: Int = 32 << 20,
        maximumStatementsInFlight: Int = .max,
        isRowByRow: Bool = false,
        query: @escaping @Sendable (Int) throws(PostgresError) -> Query,
        receive: @escaping @Sendable (Int, StatementAnswer) throws(PostgresError) -> Bool
    ) {
        self.count = count
        self.maximumBytesInFlight = maximumBytesInFlight
        self.maximumStatementsInFlight = maximumStatementsInFlight
        self.isRowByRow = isRowByRow
        self.query = query
        self.receive = receive
    }

    /// What became of a stream.
    package struct Report: Sendable, Hashable {
        /// Statements that were answered.
        package internal(set) var answeredCount = 0
        /// The most that was sent and not yet answered at any time.
        package internal(set) var largestByteCountInFlight = 0
        package internal(set) var largestStatementCountInFlight = 0
    }
}
