/// Waits for a condition that somebody else brings about, by looking again and again.
///
/// A short pause between two looks leaves the machine to whoever brings it about; no test depends on its length.
/// - Throws: after minutes, so that a condition that never comes fails the test instead of hanging it.
package func eventually(
    _ what: String,
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(300)
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    throw NeverHappened(what: what)
}

struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    var description: String { "never happened: \(what)" }
}
