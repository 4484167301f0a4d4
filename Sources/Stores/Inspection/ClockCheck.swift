package import Foundation
package import Postgres

/// How far this machine's clock is from the server's. Nothing depends on it: it only helps to read two logs side by side.
package struct ClockCheck: Check {
    package let subject = "clock"
    private let database: Database
    private let now: @Sendable () -> Date

    package init(_ database: Database, now: @escaping @Sendable () -> Date = { Date() }) {
        (self.database, self.now) = (database, now)
    }

    package func findings() async throws -> [Finding] {
        let before = now()
        let rows = try await database.query("SELECT clock_timestamp() AS now", retry: .idempotent)
        let after = now()
        guard let server: Date = try rows.first?.decode("now") else { return [] }
        // The server looked at its clock somewhere between the two.
        let middle = before.addingTimeInterval(after.timeIntervalSince(before) / 2)
        let ahead = Int(middle.timeIntervalSince(server).rounded())
        guard abs(ahead) >= 2 else { return [.ok(subject, "agrees with the server's")] }
        return [
            Finding(
                .note,
                subject,
                "\(abs(ahead)) s \(ahead > 0 ? "ahead of" : "behind") the server's",
                because: "no deadline or lease goes by this machine's clock, but its log lines carry the wrong time",
                mend: "timedatectl set-ntp true"
            )
        ]
    }
}
