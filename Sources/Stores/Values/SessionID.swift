package import Foundation
import Postgres

/// Drawn anew by each worker process; whoever knows it may act for the worker, so it never enters a log.
package struct SessionID: RawRepresentable, Hashable, Sendable, PostgresEncodable, PostgresDecodable {
    package let rawValue: UUID
    package init(rawValue: UUID) { self.rawValue = rawValue }

    package init() { self.init(rawValue: UUID()) }
}

extension SessionID: CustomStringConvertible, CustomReflectable {
    package var description: String { "a session" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
