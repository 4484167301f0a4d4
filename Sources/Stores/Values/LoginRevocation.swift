/// What became of a login that was revoked.
package struct LoginRevocation: Sendable, Hashable {
    package let sessionCount: Int
    package let jobCount: Int
    /// Connections that were ended; nil when the one who revokes may not end them.
    package let connectionCount: Int?
}
