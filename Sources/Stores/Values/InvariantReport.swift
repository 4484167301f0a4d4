/// What the ledger says about one invariant.
package struct InvariantReport: Hashable, Sendable {
    package let number: Int
    package let name: String
    /// The first rows that break it, as JSON objects with the keys to look for.
    package let violations: [String]

    package var isHonoured: Bool { violations.isEmpty }
}
