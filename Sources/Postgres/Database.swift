package import Logging

/// A session that comes back by itself: what stores hold.
///
/// A statement that certainly never reached the server is always repeated on a new session. One whose outcome is unknown,
/// or that lost against another transaction, is repeated only when the caller says that it may be.
package actor Database {
    package enum Retry: Sendable {
        /// Only what certainly had no effect.
        case never
        /// Also after a session lost under the statement, and after serialization failures, deadlocks, lock timeouts.
        case idempotent
    }

    /// How stubborn it is.
    package struct Persistence: Sendable {
        /// How long one call goes on trying in all; the attempt under way is not cut short.
        package var patience: Duration
        package var backOff: BackOff

        package init(patience: Duration = .seconds(3), backOff: BackOff = BackOff()) {
            (self.patience, self.backOff) = (patience, backOff)
        }
    }

    package nonisolated let configuration: PostgresConfiguration
    private let connection: PostgresConnection
    private let persistence: Persistence
    private let clock: any Clock<Duration>
    private let logger: Logger
    private var generator = SystemRandomNumberGenerator()

    /// - Parameter name: its thread's, and so what `top -H` shows.
    package init(
        _ configuration: PostgresConfiguration,
        logger: Logger,
        name: String = "postgres",
        persistence: Persistence = Persistence(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.configuration = configuration
        self.persistence = persistence
        self.clock = clock
        self.logger = logger
        connection = PostgresConnection(configuration, logger: logger, name: name, opensOnDemand: true)
    }

    /// Opens the session now rather than with the first statement: finds a wrong URL early.
    package func connect() async throws(PostgresError) {
        try await repeating(.never) { (connection) async throws(PostgresError) in try await connection.connect() }
    }

    package func close() async { await connection.close() }

    /// How long the server, or the network before it, may be silent within a statement before the session counts as lost.
    /// A peer that vanished without a word is not noticed otherwise where a proxy keeps the socket alive.
    package func limitSilence(to limit: Duration?) async { await connection.limitSilence(to: limit) }

    /// - Parameter timeLimit: how long each attempt waits for the answer; the session is closed when it passes.
    package func query(
        _ query: Query,
        retry: Retry = .never,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) -> [Row] {
        try await repeating(retry) { (connection) async throws(PostgresError) in
            try await connection.query(query, timeLimit: timeLimit, statement: statement)
        }
    }

    /// - Returns: how many rows the statement touched.
    @discardableResult
    package func execute(
        _ query: Query,
        retry: Retry = .never,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) -> Int {
        try await repeating(retry) { (connection) async throws(PostgresError) in
            try await connection.execute(query, timeLimit: timeLimit, statement: statement)
        }
    }

    /// See `PostgresConnection.pipeline`; with `.idempotent` a repetition starts from the first statement.
    @discardableResult
    package func pipeline(
        _ queries: [Query],
        maximumBytesInFlight: Int = 32 << 20,
        retry: Retry = .never,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) -> [[Row]] {
        try await repeating(retry) { (connection) async throws(PostgresError) in
            try await connection.pipeline(
                queries,
                maximumBytesInFlight: maximumBytesInFlight,
                timeLimit: timeLimit,
                statement: statement
            )
        }
    }

    /// See `PostgresConnection.run`; with `.idempotent` a repetition starts from the first statement.
    @discardableResult
    package func run(
        _ stream: StatementStream,
        retry: Retry = .never,
        timeLimit: Duration? = nil,
        statement: String = #function
    ) async throws(PostgresError) -> StatementStream.Report {
        try await repeating(retry) { (connection) async throws(PostgresError) in
            try await connection.run(stream, timeLimit: timeLimit, statement: statement)
        }
    }

    /// See `PostgresConnection.verifier`.
    package func verifier(of password: String, for role: String) async throws(PostgresError) -> String {
        try await repeating(.idempotent) { (connection) async throws(PostgresError) in
            try await connection.verifier(of: password, for: role)
        }
    }

    /// See `PostgresConnection.transaction`; the body runs again for each repetition.
    package func transaction<R: Sendable>(
        retry: Retry = .never,
        timeLimit: Duration? = nil,
        statement: String = #function,
        _ body: @Sendable (borrowing Transaction) throws -> R
    ) async throws -> R {
        let outcome = try await repeating(retry) { (connection) async throws(PostgresError) -> Result<R, any Error> in
            do {
                return .success(try await connection.transaction(timeLimit: timeLimit, statement: statement, body))
            } catch let error as PostgresError {
                throw error
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private func repeating<R: Sendable>(
        _ retry: Retry,
        _ work: (PostgresConnection) async throws(PostgresError) -> R
    ) async throws(PostgresError) -> R {
        let elapsed = stopwatch(clock)
        var failures = 0
        while true {
            do {
                return try await work(connection)
            } catch {
                guard error.isWorthRepeating(retry) else { throw error }
                failures += 1
                let pause = persistence.backOff.pause(afterFailures: failures, using: &generator)
                guard elapsed() + pause <= persistence.patience else {
                    var error = error
                    error.wasRepeatedInVain = true
                    throw error
                }
                logger.info(
                    "database call will be repeated",
                    metadata: [
                        "postgres.error": "\(error)", "postgres.failures": "\(failures)", "postgres.pause": "\(pause)",
                    ]
                )
                do {
                    try await clock.sleep(for: pause)
                } catch {
                    throw PostgresError(.cancelled, "cancelled while waiting to repeat a database call")
                }
            }
        }
    }
}

extension PostgresError {
    func isWorthRepeating(_ retry: Database.Retry) -> Bool {
        switch category {
        case .connectionLoss, .unavailable: isUnexecuted || retry == .idempotent
        case .contention: retry == .idempotent
        case .permission, .configuration, .other: false
        }
    }
}

/// Instants of `any Clock` cannot be compared, those of a known one can.
private func stopwatch<C: Clock>(_ clock: C) -> () -> Duration where C.Duration == Duration {
    let start = clock.now
    return { start.duration(to: clock.now) }
}
