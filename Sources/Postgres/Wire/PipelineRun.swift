internal import CLibPQ

/// The book-keeping of one pipeline: what to send next, what is awaited, what came back. Knows no socket.
struct PipelineRun {
    let stream: StatementStream
    let statement: String
    private(set) var failure: PostgresError?
    private(set) var report = StatementStream.Report()
    /// The next statement, made but not sent.
    private var pending: Query?
    private var answer: StatementAnswer?
    private var isEnough = false
    private var sentCount = 0
    /// Of the statements that are sent and not yet answered, the oldest first.
    private var bytesAwaited: [Int] = []
    private var byteCountInFlight = 0

    init(_ stream: StatementStream, statement: String) {
        (self.stream, self.statement) = (stream, statement)
    }

    /// Nothing is awaited and nothing more will be sent.
    var isIdle: Bool { bytesAwaited.isEmpty }

    /// The statement to send now, the same until it is sent, or nil to wait for answers first.
    mutating func next(isStopping: Bool) -> Query? {
        if isStopping && sentCount < stream.count {
            fail(with: PostgresError(.cancelled, "cancelled after \(sentCount) of \(stream.count) statements"))
        }
        guard failure == nil, !isEnough, sentCount < stream.count else { return nil }
        guard isIdle || bytesAwaited.count < stream.maximumStatementsInFlight else { return nil }
        do throws(PostgresError) {
            if pending == nil { pending = try stream.query(sentCount) }
            guard let query = pending else { return nil }
            return isIdle || byteCountInFlight + query.byteCount <= stream.maximumBytesInFlight ? query : nil
        } catch {
            fail(with: error)
            return nil
        }
    }

    mutating func sent(_ query: Query) {
        pending = nil
        sentCount += 1
        bytesAwaited.append(query.byteCount)
        byteCountInFlight += query.byteCount
        report.largestByteCountInFlight = max(report.largestByteCountInFlight, byteCountInFlight)
        report.largestStatementCountInFlight = max(report.largestStatementCountInFlight, bytesAwaited.count)
    }

    mutating func fail(with error: PostgresError) {
        guard failure == nil else { return }
        failure = error
        // What was sent before may well have had an effect.
        if sentCount > 0 { failure?.isUnexecuted = false }
    }

    /// - Parameter result: nil ends one statement's results, before its sync.
    /// - Returns: true when a statement is over and the server has turned to the next.
    mutating func absorb(_ result: consuming PostgresResult?) -> Bool {
        guard let result else { return false }
        let status = result.status
        if [PGRES_SINGLE_TUPLE, PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY].contains(status) {
            let taken = StatementAnswer(result, of: statement)
            if status == PGRES_SINGLE_TUPLE { deliver(taken) } else { answer = taken }
            return false
        }
        if status == PGRES_PIPELINE_SYNC {
            finishStatement()
            return !isIdle
        }
        if status != PGRES_PIPELINE_ABORTED {
            var refused = Wire.Answer()
            do throws(PostgresError) {
                try refused.absorb(result, of: statement)
            } catch {
                fail(with: error)
            }
        }
        return false
    }

    private mutating func finishStatement() {
        byteCountInFlight -= bytesAwaited.removeFirst()
        if let answer { deliver(answer) }
        if failure == nil { report.answeredCount += 1 }
        answer = nil
    }

    private mutating func deliver(_ answer: StatementAnswer) {
        guard failure == nil else { return }
        do throws(PostgresError) {
            if try !stream.receive(report.answeredCount, answer) { isEnough = true }
        } catch {
            fail(with: error)
        }
    }
}
