import Postgres

extension Transaction {
    /// The only row of a statement that always returns one.
    func one(_ query: Query, function: String = #function) throws -> Row {
        let rows = try self.query(query)
        guard let row = rows.first, rows.count == 1 else {
            throw StoreError.ledgerInconsistent(statement: function, expected: 1, found: rows.count)
        }
        return row
    }

    /// Runs a statement that must touch exactly so many rows, or else the whole transaction is undone.
    func execute(_ query: Query, mustTouch expected: Int, _ statement: String) throws {
        let found = try execute(query)
        guard found == expected else {
            throw StoreError.ledgerInconsistent(statement: statement, expected: expected, found: found)
        }
    }
}
