import Postgres
import Stores
import TestSupport
import Testing

@Suite("The check of notifications", .temporaryDatabase(.empty))
struct NotificationCheckTests {
    @Test("a notification that arrives is all right")
    func arrives() async throws {
        let check = NotificationCheck(try TemporaryDatabase.current.database(), logger: TemporaryDatabase.silentLogger)
        #expect(try await check.findings() == [.ok("LISTEN", "notifications arrive")])
    }

    @Test("one that does not is a warning: here listener and sender are in different databases")
    func lost() async throws {
        let check = NotificationCheck(
            try TemporaryDatabase.current.database(),
            listening: try TemporaryDatabase.current.configuration.database("postgres"),
            patience: .milliseconds(50),
            logger: TemporaryDatabase.silentLogger
        )
        #expect(try await check.findings().map(\.severity) == [.warning])
    }
}
