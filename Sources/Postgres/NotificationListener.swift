package import Logging

/// Keeps one session that listens to some channels, and says so each time it has come back.
///
/// ```swift
/// let listener = NotificationListener(configuration, channels: ["stillhouse_1"], logger: logger)
/// group.addTask { await listener.run() }
/// for await event in listener.events { await poll(because: event) }
/// ```
package struct NotificationListener: Sendable {
    package enum Event: Sendable, Hashable {
        /// LISTEN stands. What was sent before it is lost: poll once.
        case listening
        case notification(PostgresNotification)
    }

    /// The newest 256 events; of a slow reader the oldest are dropped, which costs nothing: any event means "poll".
    package let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let roundTripInterval: Duration
    private let replyLimit: Duration
    private let backOff: BackOff
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// - Parameters:
    ///   - roundTripInterval: after so long without a notification the server is asked for a sign of life: a dead peer or
    ///     a forgetful firewall is silent otherwise.
    ///   - replyLimit: how long that may take before the session counts as lost.
    package init(
        _ configuration: PostgresConfiguration,
        channels: [String],
        logger: Logger,
        roundTripInterval: Duration = .seconds(10),
        replyLimit: Duration = .seconds(5),
        backOff: BackOff = BackOff(),
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.configuration = configuration
        self.channels = channels
        self.roundTripInterval = roundTripInterval
        self.replyLimit = replyLimit
        self.backOff = backOff
        self.clock = clock
        self.logger = logger
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
    }

    /// Listens until the task is cancelled, reconnecting as often as needed; then ends `events`. Call it once.
    package func run() async {
        defer { continuation.finish() }
        let connection = PostgresConnection(configuration, logger: logger, name: "listener")
        var generator = SystemRandomNumberGenerator()
        var failures = 0
        while !Task.isCancelled {
            do {
                try await listen(on: connection)
                failures = 0
                while true { try await forward(from: connection) }
            } catch {
                if Task.isCancelled { break }
                failures += 1
                let pause = backOff.pause(afterFailures: failures, using: &generator)
                logger.info(
                    "listening is interrupted; polling goes on",
                    metadata: ["postgres.error": "\(error)", "postgres.pause": "\(pause)"]
                )
                await connection.close()
                // Only cancellation ends a sleep early, and the loop's condition sees to that.
                try? await clock.sleep(for: pause)
            }
        }
        await connection.close()
    }

    private func listen(on connection: PostgresConnection) async throws(PostgresError) {
        try await connection.connect()
        for channel in channels {
            try await connection.execute("LISTEN \(identifier: channel)", timeLimit: replyLimit)
        }
        continuation.yield(.listening)
    }

    private func forward(from connection: PostgresConnection) async throws(PostgresError) {
        let notifications = try await connection.notifications(waitingAtMost: roundTripInterval)
        for notification in notifications { continuation.yield(.notification(notification)) }
        // The server answers an empty statement too.
        if notifications.isEmpty { _ = try await connection.query("", timeLimit: replyLimit) }
    }
}
