package import Foundation
package import Stores

/// Who leads at one moment; nobody while a lease has run out or was given back, and no standby ever.
package struct LeaderSnapshot: Codable, Hashable, Sendable {
    package let host: String
    package let term: Int
    package let since: Date

    /// - Parameter leaders: everyone who ever led.
    package init?(_ name: LeaderName, among leaders: [Leader]) {
        guard let leader = leaders.first(where: { $0.name == name && $0.isLeading }) else { return nil }
        (host, term, since) = (leader.host, leader.term, leader.startedAt)
    }

    /// `on HOST for 3 min (term 2)`.
    func text(at now: Date) -> String {
        "on \(host) for \(Units.duration(max(0, now.timeIntervalSince(since)))) (term \(term))"
    }
}
