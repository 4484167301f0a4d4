internal import CLibPQ

extension Wire {
    /// All results of one statement or script, of which the last counts.
    struct Answer {
        var rows: [Row] = []
        var affectedRows = 0
        var commandTag = ""
    }

    /// Runs one statement with bound values and waits for the whole answer.
    func run(_ query: Query, statement: String, limit: Limit) throws(PostgresError) -> Answer {
        try named(statement) { () throws(PostgresError) in
            let parameters = try BoundParameters(query.parameters)
            try prepare(limit)
            guard parameters.send(query.sql, on: connection) else { throw refusal() }
            return try answer(limit, of: statement)
        }
    }

    /// Runs a text of any number of statements, without values, as `psql -f` would.
    func run(script: String, statement: String, limit: Limit) throws(PostgresError) -> Answer {
        try named(statement) { () throws(PostgresError) in
            try prepare(limit)
            guard PQsendQuery(connection, script) == 1 else { throw refusal() }
            return try answer(limit, of: statement)
        }
    }

    func named<R>(_ statement: String, _ work: () throws(PostgresError) -> R) throws(PostgresError) -> R {
        do {
            return try work()
        } catch {
            var error = error
            error.statement = error.statement ?? statement
            throw error
        }
    }

    func prepare(_ limit: Limit) throws(PostgresError) {
        // In this order: settling swallows a wake-up, which the look at the flag then makes good.
        try settle()
        if limit.isInterruptible && isCancelled {
            throw PostgresError(.cancelled, "cancelled before it was sent", isUnexecuted: true)
        }
    }

    /// libpq would not take the statement; nothing was sent.
    func refusal() -> PostgresError {
        let reason = String(cString: PQerrorMessage(connection)).split(separator: "\n").first
        return PostgresError(
            isUsable ? .unencodable : .connectionLost,
            reason.map(String.init) ?? "libpq refuses the statement",
            isUnexecuted: true
        )
    }

    private func answer(_ limit: Limit, of statement: String) throws(PostgresError) -> Answer {
        var answer = Answer()
        var failure: PostgresError?
        while true {
            try advance(limit)
            guard let result = PostgresResult(PQgetResult(connection)) else { break }
            do {
                try answer.absorb(result, of: statement)
            } catch {
                failure = failure ?? error
                // A COPY would wait for data that nobody sends; no statement of ours is one.
                if error.kind == .unencodable { _ = abandon() }
            }
            if !isUsable { break }
        }
        let wasCancelRequested = isCancelRequested
        try concludeCancel()
        if let failure { throw describe(failure, wasCancelRequested: wasCancelRequested) }
        guard isUsable else { throw PostgresError(.connectionLost, "the connection to the database ended") }
        return answer
    }

    /// An error counts as a lost session once the socket is closed, whatever the server said last.
    func describe(_ failure: PostgresError, wasCancelRequested: Bool) -> PostgresError {
        var failure = failure
        if !isUsable && failure.kind == .server { failure.kind = .connectionLost }
        if wasCancelRequested && failure.sqlState == .queryCancelled { failure.kind = .cancelled }
        return failure
    }
}

extension Wire.Answer {
    mutating func absorb(_ result: borrowing PostgresResult, of statement: String) throws(PostgresError) {
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            (rows, affectedRows) = (result.rows(of: statement), result.affectedRows)
            commandTag = result.commandTag
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            throw PostgresError(.unencodable, "COPY is not supported here", nextStep: "Use INSERT or SELECT")
        default:
            throw PostgresError(result)
        }
    }
}
