package import Foundation

/// A line of the journal.
package struct Event: Hashable, Sendable {
    package let id: Int64
    /// By the server's clock.
    package let at: Date
    package let run: RunID?
    /// Such as `version_published` or `job_dead`.
    package let kind: String
    /// More about it, as a JSON object.
    package let detail: String
}
