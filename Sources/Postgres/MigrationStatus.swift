package import Foundation

/// Where one migration stands, for `migrate status`.
package struct MigrationStatus: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case pending
        case applied(at: Date)
        /// Applied, but this build's text is another one.
        case changed(at: Date)
        /// Applied by a build that knows more than this one.
        case unknown(at: Date)
    }

    package let number: Int
    package let name: String
    package let state: State
}
