package import Logging
import Synchronization

/// One session on a thread of its own; every blocking libpq call of it happens there.
///
/// Statements run one at a time, in the order of the calls. A cancelled task's statement is cancelled at the server and
/// throws `.cancelled`; the session goes on. Who wants a session that comes back by itself takes `Database`.
package actor PostgresConnection {
    private let executor: ThreadExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package nonisolated let configuration: PostgresConfiguration
    private let logger: Logger
    private let opensOnDemand: Bool
    private var interruption: Interruption?
    private var wire: Wire?
    private var operation = 0
    private var silenceLimit: Duration?

    /// - Parameter opensOnDemand: opens the session before a statement whenever there is none; what belonged to an
    ///   earlier session (LISTEN, settings) is then gone.
    package init(
        _ configuration: PostgresConfiguration,
        logger: Logger,
        name: String = "postgres",
        opensOnDemand: Bool = false
    ) {
        self.configuration = configuration
        self.logger = logger
        self.opensOnDemand = opensOnDemand
        executor = ThreadExecutor(name: name)
    }

    isolated deinit { wire = nil }

    /// Opens the session; does nothing when there is a good one.
    package func connect() async throws(PostgresError) {
        try await perform("connect()", nil, isConnecting: true) { (_, _) throws(PostgresError) in }
    }

    /// Ends the session at once; open work is rolled back by the server.
    package func close() { wire = nil }

    /// See `Database.limitSilence(to:)`.
    package func limitSilence(to limit: Duration?) { silenceLimit = limit }

    package var isConnected: Bool { wire?.isUsable == true }

    /// - Parameters:
    ///   - timeLimit: how long to wait for the answer; the session is closed when it passes.
    ///   - statement: what errors call it, the caller's name unless given.
    package func query(
        _ query: Query,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) -> [Row] {
        try await perform(statement, timeLimit) { (wire, limit) throws(PostgresError) in
            try wire.run(query, statement: statement, limit: limit).rows
        }
    }

    /// - Returns: how many rows the statement touched.
    @discardableResult
    package func execute(
        _ query: Query,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) -> Int {
        try await perform(statement, timeLimit) { (wire, limit) throws(PostgresError) in
            try wire.run(query, statement: statement, limit: limit).affectedRows
        }
    }

    /// Runs a text of several statements without values; all of them succeed or none, unless it holds COMMIT.
    package func script(
        _ text: String,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) {
        try await perform(statement, timeLimit) { (wire, limit) throws(PostgresError) in
            _ = try wire.run(script: text, statement: statement, limit: limit)
        }
    }

    /// Sends many statements without waiting for each answer, each of them a transaction of its own.
    ///
    /// - Parameter maximumBytesInFlight: what may be sent and not yet answered.
    /// - Returns: the rows of each statement, in order.
    /// - Throws: the first failure; statements before it took effect, some after it may have.
    @discardableResult
    package func pipeline(
        _ queries: [Query],
        maximumBytesInFlight: Int = 32 << 20,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) -> [[Row]] {
        let answers = Mutex<[[Row]]>([])
        let stream = StatementStream(
            count: queries.count,
            maximumBytesInFlight: maximumBytesInFlight,
            query: { queries[$0] },
            receive: { _, answer in
                answers.withLock { $0.append(answer.rows) }
                return true
            }
        )
        try await run(stream, timeLimit: timeLimit, statement: statement)
        return answers.withLock(\.self)
    }

    /// Sends statements that are made, and takes answers that are used, while others travel.
    ///
    /// - Throws: the first failure; statements before it took effect, some after it may have.
    @discardableResult
    package func run(
        _ stream: StatementStream,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) -> StatementStream.Report {
        try await perform(statement, timeLimit) { (wire, limit) throws(PostgresError) in
            try wire.pipeline(stream, statement: statement, limit: limit)
        }
    }

    /// Waits for notifications of the channels that the session listens to.
    /// - Returns: none when the time has passed without any.
    package func notifications(waitingAtMost time: Duration) async throws(PostgresError) -> [PostgresNotification] {
        try await perform("notifications(waitingAtMost:)", time) { (wire, limit) throws(PostgresError) in
            try wire.notifications(limit)
        }
    }

    /// What the server stores of a password under SCRAM-SHA-256, computed here: the clear text never leaves the process,
    /// so no server's log can hold it.
    package func verifier(of password: String, for role: String) async throws(PostgresError) -> String {
        try await perform("verifier(of:for:)", nil) { (wire, _) throws(PostgresError) in
            try wire.verifier(of: password, for: role)
        }
    }

    /// Runs the body in one transaction: COMMIT when it returns, ROLLBACK when it throws.
    ///
    /// The body is synchronous, runs on the connection's thread and may run only statements; it must not compute for long.
    package func transaction<R: Sendable>(
        timeLimit: Duration? = nil,
        statement: String = #function,
        _ body: @Sendable (borrowing Transaction) throws -> R
    ) async throws -> R {
        let outcome = try await perform(statement, timeLimit) {
            (wire, limit) throws(PostgresError) -> Result<R, any Error> in
            do {
                return .success(try wire.transaction(statement: statement, limit: limit, body))
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let error as PostgresError) = outcome { leaveStandby(error) }
        return try outcome.get()
    }

    /// The same socket leads to the same standby; only a new session finds the server that takes writes.
    private func leaveStandby(_ error: PostgresError) {
        if error.sqlState == .readOnlyTransaction { wire = nil }
    }

    /// Gives the work a good session and lets the task's cancellation reach it.
    private func perform<R>(
        _ statement: String,
        _ timeLimit: Duration?,
        isConnecting: Bool = false,
        _ work: (Wire, Wire.Limit) throws(PostgresError) -> R
    ) async throws(PostgresError) -> R {
        let interruption = try makeInterruption()
        operation += 1
        let number = operation
        interruption.begin(number)
        let outcome: Result<R, PostgresError> = await withTaskCancellationHandler {
            do throws(PostgresError) {
                if Task.isCancelled { throw PostgresError(.cancelled, "cancelled before it began", isUnexecuted: true) }
                let wire = try session(mayOpen: isConnecting || opensOnDemand, interruption)
                return .success(try work(wire, Wire.Limit(timeLimit, silence: silenceLimit)))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            interruption.interrupt(number)
        }
        if wire?.isUsable == false {
            wire = nil
            logger.info("database session ended")
        }
        do {
            return try outcome.get()
        } catch {
            var error = error
            error.statement = error.statement ?? statement
            leaveStandby(error)
            throw error
        }
    }

    private func makeInterruption() throws(PostgresError) -> Interruption {
        if let interruption { return interruption }
        let made = try Interruption()
        interruption = made
        return made
    }

    private func session(mayOpen: Bool, _ interruption: Interruption) throws(PostgresError) -> Wire {
        if mayOpen, let old = wire {
            do { try old.settle() } catch { wire = nil }
        }
        if let wire { return wire }
        guard mayOpen else {
            throw PostgresError(
                .connectionLost,
                "there is no connection to the database",
                nextStep: "Call connect() first",
                isUnexecuted: true
            )
        }
        let opened = try Wire.open(configuration, interruption: interruption)
        wire = opened
        return opened
    }
}
