internal import CLibPQ
import Foundation

extension Wire {
    /// Waits until there are notifications, or the limit has passed: then none.
    func notifications(_ limit: Limit) throws(PostgresError) -> [PostgresNotification] {
        while true {
            let pending = takeNotifications()
            if !pending.isEmpty { return pending }
            guard isUsable else { throw PostgresError(.connectionLost, "the connection to the database has ended") }
            if isCancelled { throw PostgresError(.cancelled, "cancelled while waiting for notifications") }
            switch wait(for: Int16(POLLIN), until: limit.deadline) {
            case .ready: PQconsumeInput(connection)
            case .woken: continue
            case .expired: return []
            }
        }
    }

    private func takeNotifications() -> [PostgresNotification] {
        var taken: [PostgresNotification] = []
        while let next = PQnotifies(connection) {
            taken.append(
                PostgresNotification(
                    channel: String(cString: next.pointee.relname),
                    payload: String(cString: next.pointee.extra)
                )
            )
            PQfreemem(next)
        }
        return taken
    }
}
