/// Waits for a condition that somebody else brings about, by looking again and again; there is no pause to choose wrong.
///
/// - Throws: after very many looks, so that a condition that never comes fails the test instead of hanging it.
package func eventually(
    _ what: String,
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws {
    for _ in 0..<200_000 {
        if try await condition() { return }
        await Task.yield()
    }
    throw NeverHappened(what: what)
}

struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    var description: String { "never happened: \(what)" }
}
