package import Logging
package import Postgres

/// Sends itself a notification. Where none arrives, a pooler stands between: everything works, only later by a poll.
package struct NotificationCheck: Check {
    package let subject = "LISTEN"
    private let listening: PostgresConfiguration
    private let notifying: Database
    private let patience: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - listening: where to listen; the database's own address unless said otherwise.
    ///   - patience: how long a notification may take.
    package init(
        _ database: Database,
        listening: PostgresConfiguration? = nil,
        patience: Duration = .seconds(2),
        logger: Logger
    ) {
        notifying = database
        self.listening = listening ?? database.configuration
        (self.patience, self.logger) = (patience, logger)
    }

    package func findings() async throws -> [Finding] {
        let connection = PostgresConnection(listening, logger: logger, name: "doctor-listen")
        let outcome: Result<Bool, any Error>
        do {
            outcome = .success(try await roundTrip(connection))
        } catch {
            outcome = .failure(error)
        }
        await connection.close()
        guard try !outcome.get() else { return [.ok(subject, "notifications arrive")] }
        return [
            Finding(
                .warning,
                subject,
                "no notification within \(patience)",
                because: "a pooler in transaction mode stands between: workers and leaders hear of news by polling "
                    + "only, up to five seconds later",
                mend: "Give coordinator and aggregator the server's own address; workers do without."
            )
        ]
    }

    private func roundTrip(_ connection: PostgresConnection) async throws(PostgresError) -> Bool {
        let channel = "stillhouse_doctor_\(UInt32.random(in: 0 ... .max))"
        try await connection.connect()
        try await connection.execute("LISTEN \(identifier: channel)", timeLimit: .seconds(5))
        try await notifying.execute("SELECT pg_notify(\(channel), '')")
        return try await connection.notifications(waitingAtMost: patience).contains { $0.channel == channel }
    }
}
