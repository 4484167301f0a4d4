internal import CLibPQ

extension Wire {
    var isInTransaction: Bool { PQtransactionStatus(connection) == PQTRANS_INTRANS }

    /// BEGIN, the body, COMMIT; whatever the body throws is rolled back first.
    ///
    /// READ COMMITTED whatever the server's default is: lock orders and conditional updates rely on it.
    func transaction<R>(
        statement: String,
        limit: Limit,
        _ body: (borrowing Transaction) throws -> R
    ) throws -> R {
        _ = try run("BEGIN ISOLATION LEVEL READ COMMITTED", statement: statement, limit: limit)
        do {
            let value = try body(Transaction(on: self, limit: limit))
            if limit.isInterruptible && isCancelled { throw PostgresError(.cancelled, "cancelled before COMMIT") }
            try commit(statement, limit)
            return value
        } catch {
            rollback(statement)
            throw error
        }
    }

    /// Not interruptible: the outcome of a COMMIT cut off half-way would be unknown.
    private func commit(_ statement: String, _ limit: Limit) throws(PostgresError) {
        var limit = limit
        limit.isInterruptible = false
        let tag = try run("COMMIT", statement: statement, limit: limit).commandTag
        // The server answers COMMIT of a failed transaction with success and the tag ROLLBACK.
        guard tag == "COMMIT" else {
            throw PostgresError(
                .server,
                "a statement of the transaction had failed, so it was rolled back",
                nextStep: "Let the body rethrow what its statements throw",
                statement: statement
            )
        }
    }

    private func rollback(_ statement: String) {
        guard isUsable, PQtransactionStatus(connection) != PQTRANS_IDLE else { return }
        do {
            _ = try run(
                "ROLLBACK",
                statement: statement,
                limit: Limit(Self.cancelPatience, isInterruptible: false)
            )
        } catch {
            // A session whose transaction cannot be closed must not be used again; closing it rolls back too.
            _ = abandon()
        }
    }
}
