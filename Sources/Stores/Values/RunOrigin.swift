/// The version of another run that a fork starts from.
package struct RunOrigin: Hashable, Sendable, Codable {
    /// By name, which stays readable when the run itself is long gone.
    package let run: String
    package let number: Int
    /// SHA-256 of the version's content, as hexadecimal digits.
    package let content: String

    package init(run: String, number: Int, content: String) {
        (self.run, self.number, self.content) = (run, number, content)
    }

    /// The event that records it; retention leaves it alone.
    package static let eventKind = "run_forked"

    var detail: [String: String] { ["run": run, "version": String(number), "content": content] }
}
