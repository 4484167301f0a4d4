package import Postgres

/// A database that is prepared once in a test process and copied for each test, which takes a tenth of a second.
package struct DatabaseTemplate: Sendable {
    package let name: String
    /// Runs once, on the new and empty database.
    package let prepare: @Sendable (Database) async throws -> Void

    /// - Parameter name: tells templates apart; letters, digits and underscores.
    package init(_ name: String, prepare: @escaping @Sendable (Database) async throws -> Void) {
        (self.name, self.prepare) = (name, prepare)
    }

    /// Nothing in it.
    package static let empty = DatabaseTemplate("empty") { _ in }
}
