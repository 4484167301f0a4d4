internal import CLibPQ

extension Wire {
    /// Sends many statements without waiting for each answer; a sync after each makes it a transaction of its own.
    ///
    /// - Parameter maximumBytesInFlight: what may be sent and not yet answered. A statement larger than that goes alone.
    /// - Throws: the first failure, after the answers of those in flight are read. Earlier ones took effect, later ones
    ///   that were in flight may have.
    func pipeline(
        _ queries: [Query],
        maximumBytesInFlight: Int,
        statement: String,
        limit: Limit
    ) throws(PostgresError) -> [[Row]] {
        try named(statement) { () throws(PostgresError) in
            try prepare(limit)
            guard PQenterPipelineMode(connection) == 1 else { throw refusal() }
            var run = PipelineRun(queries: queries, maximumBytesInFlight: maximumBytesInFlight, statement: statement)
            try work(through: &run, limit)
            let wasCancelRequested = isCancelRequested
            try concludeCancel()
            if isUsable { PQexitPipelineMode(connection) }
            if let failure = run.failure { throw describe(failure, wasCancelRequested: wasCancelRequested) }
            guard isUsable else { throw PostgresError(.connectionLost, "the connection to the database ended") }
            return run.answers
        }
    }

    private func work(through run: inout PipelineRun, _ limit: Limit) throws(PostgresError) {
        while isUsable {
            while isUsable, let query = run.next(isStopping: isCancelled && limit.isInterruptible) {
                send(query, in: &run)
            }
            if run.isIdle { return }
            try advance(limit)
            let isNextBegun = run.absorb(PostgresResult(PQgetResult(connection)))
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
            guard parameters.send(query.sql, on: connection), PQpipelineSync(connection) == 1 else { throw refusal() }
            run.sent(query)
        } catch {
            run.fail(with: error)
        }
    }
}

/// The book-keeping of one pipeline: what to send next, what is awaited, what came back. Knows no socket.
struct PipelineRun {
    let queries: [Query]
    let maximumBytesInFlight: Int
    let statement: String
    private(set) var answers: [[Row]] = []
    private(set) var failure: PostgresError?
    private var current = Wire.Answer()
    private var sentCount = 0
    private var syncedCount = 0
    private var bytesInFlight = 0

    init(queries: [Query], maximumBytesInFlight: Int, statement: String) {
        self.queries = queries
        self.maximumBytesInFlight = maximumBytesInFlight
        self.statement = statement
    }

    /// Nothing is awaited and nothing more will be sent.
    var isIdle: Bool { syncedCount == sentCount }

    /// The statement to send now, or nil to wait for answers first.
    mutating func next(isStopping: Bool) -> Query? {
        if isStopping && sentCount < queries.count {
            fail(with: PostgresError(.cancelled, "cancelled after \(sentCount) of \(queries.count) statements"))
        }
        guard failure == nil, sentCount < queries.count else { return nil }
        let query = queries[sentCount]
        return isIdle || bytesInFlight + query.byteCount <= maximumBytesInFlight ? query : nil
    }

    mutating func sent(_ query: Query) {
        sentCount += 1
        bytesInFlight += query.byteCount
    }

    mutating func fail(with error: PostgresError) { failure = failure ?? error }

    /// - Parameter result: nil ends one statement's results, before its sync.
    /// - Returns: true when a statement is over and the server has turned to the next.
    mutating func absorb(_ result: consuming PostgresResult?) -> Bool {
        guard let result else { return false }
        switch result.status {
        case PGRES_PIPELINE_SYNC:
            bytesInFlight -= queries[syncedCount].byteCount
            syncedCount += 1
            answers.append(current.rows)
            current = Wire.Answer()
            return !isIdle
        case PGRES_PIPELINE_ABORTED:
            break
        default:
            do {
                try current.absorb(result, of: statement)
            } catch {
                fail(with: error)
            }
        }
        return false
    }
}
