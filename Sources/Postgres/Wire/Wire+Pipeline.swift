internal import CLibPQ

extension Wire {
    /// Sends many statements without waiting for each answer; a sync after each makes it a transaction of its own.
    ///
    /// - Throws: the first failure, after the answers of those in flight are read. Earlier ones took effect, later ones
    ///   that were in flight may have.
    func pipeline(
        _ stream: StatementStream,
        statement: String,
        limit: Limit
    ) throws(PostgresError) -> StatementStream.Report {
        try named(statement) { () throws(PostgresError) in
            try prepare(limit)
            guard PQenterPipelineMode(connection) == 1 else { throw refusal() }
            var run = PipelineRun(stream, statement: statement)
            try work(through: &run, limit)
            let wasCancelRequested = isCancelRequested
            try concludeCancel()
            if isUsable { PQexitPipelineMode(connection) }
            if let failure = run.failure { throw describe(failure, wasCancelRequested: wasCancelRequested) }
            guard isUsable else { throw PostgresError(.connectionLost, "the connection to the database ended") }
            return run.report
        }
    }

    private func work(through run: inout PipelineRun, _ limit: Limit) throws(PostgresError) {
        while isUsable {
            if let query = run.next(isStopping: isCancelled && limit.isInterruptible) {
                // One at a time: what the socket does not take at once stays in libpq's buffer, which it moves to the
                // front at every further try. With 32 MiB in there that took longer than the server's own work.
                if PQflush(connection) == 0 {
                    send(query, in: &run)
                    continue
                }
                guard try advance(limit, untilSent: true) else { continue }
            } else {
                if run.isIdle { return }
                try advance(limit)
            }
            let isNextBegun = run.absorb(PostgresResult(PQgetResult(connection)))
            if isNextBegun && run.stream.isRowByRow { PQsetSingleRowMode(connection) }
            // A cancel request stops one statement; those already sent behind it would run on.
            if isNextBegun && isCancelRequested {
                try concludeCancel()
                requestCancel()
            }
        }
    }

    private func send(_ query: Query, in run: inout PipelineRun) {
        do throws(PostgresError) {
            let parameters = try BoundParameters(query.parameters)
            guard parameters.send(query.sql, on: connection) else { throw refusal() }
            // libpq takes this for the statement whose answer is due: this one, or later when those before are done.
            if run.isIdle && run.stream.isRowByRow { PQsetSingleRowMode(connection) }
            guard PQpipelineSync(connection) == 1 else { throw refusal() }
            run.sent(query)
        } catch {
            run.fail(with: error)
        }
    }
}
