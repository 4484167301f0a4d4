import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Notification listener", .temporaryDatabase(.empty))
struct NotificationListenerTests {
    private func listener(
        roundTripInterval: Duration = .seconds(600),
        replyLimit: Duration = .seconds(60)
    ) throws -> NotificationListener {
        var configuration = try TemporaryDatabase.current.configuration
        configuration[option: "application_name"] = "listener under test"
        return NotificationListener(
            configuration,
            channels: ["jobs", "it's \"quoted\""],
            logger: TemporaryDatabase.silentLogger,
            roundTripInterval: roundTripInterval,
            replyLimit: replyLimit,
            clock: ImmediateClock()
        )
    }

    private func pid(_ connection: PostgresConnection) async throws -> Int32 {
        let rows = try await connection.query(
            """
            SELECT pid FROM pg_stat_activity
            WHERE application_name = 'listener under test' AND datname = current_database()
            ORDER BY backend_start DESC
            """
        )
        return try #require(rows.first).decode("pid")
    }

    @Test("notifications arrive, and go on after the session was killed")
    func survivesKill() async throws {
        let listener = try listener()
        let sender = try await TemporaryDatabase.current.connection()
        try await withThrowingTaskGroup { group in
            group.addTask { await listener.run() }
            var events = listener.events.makeAsyncIterator()
            for round in 1...3 {
                #expect(await events.next() == .listening)
                try await sender.execute("SELECT pg_notify('jobs', \("round \(round)"))")
                #expect(await events.next() == .notification(.init(channel: "jobs", payload: "round \(round)")))
                try await sender.execute("SELECT pg_terminate_backend(\(try await pid(sender)), 10000)")
            }
            #expect(await events.next() == .listening)
            try await sender.execute("SELECT pg_notify(\("it's \"quoted\""), '')")
            #expect(await events.next() == .notification(.init(channel: "it's \"quoted\"", payload: "")))
            group.cancelAll()
            // Cancellation ends the stream, even while nothing comes.
            #expect(await events.next() == nil)
        }
    }

    @Test("a server that has gone silent is noticed by the round trip")
    func silentServer() async throws {
        let listener = try listener(roundTripInterval: .milliseconds(10), replyLimit: .milliseconds(500))
        let sender = try await TemporaryDatabase.current.connection()
        try await withThrowingTaskGroup { group in
            group.addTask { await listener.run() }
            var events = listener.events.makeAsyncIterator()
            #expect(await events.next() == .listening)
            let stopped = try await pid(sender)
            #expect(kill(stopped, SIGSTOP) == 0)
            defer { kill(stopped, SIGCONT) }
            #expect(await events.next() == .listening)
            #expect(try await pid(sender) != stopped)
            group.cancelAll()
        }
    }

    @Test("an unreachable server does not end the listening")
    func unreachable() async throws {
        let attempts = AsyncStream<Void>.makeStream(bufferingPolicy: .unbounded)
        let listener = NotificationListener(
            PostgresConfiguration(host: "/nonexistent", user: "ann", database: "ledger"),
            channels: ["jobs"],
            logger: TemporaryDatabase.silentLogger,
            clock: ImmediateClock { attempts.continuation.yield() }
        )
        await withTaskGroup { group in
            group.addTask { await listener.run() }
            var waits = attempts.stream.makeAsyncIterator()
            for _ in 0..<3 { await waits.next() }
            group.cancelAll()
        }
    }
}
