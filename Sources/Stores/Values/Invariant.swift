/// A statement about the ledger that must return no row, whatever happened to any process.
package struct Invariant: Sendable {
    /// As in the protocol's list; numbers are never reused.
    package let number: Int
    package let name: String
    /// Reads all stored bytes: minutes on a large database.
    package let isDeep: Bool
    let statement: String

    init(_ number: Int, _ name: String, isDeep: Bool = false, _ statement: String) {
        (self.number, self.name, self.isDeep, self.statement) = (number, name, isDeep, statement)
    }
}
