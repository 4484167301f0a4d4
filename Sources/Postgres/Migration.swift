/// One step of the schema's history, with the way back. Released ones are never edited: their checksum is recorded.
package struct Migration: Sendable, Hashable {
    package let number: Int
    package let name: String
    package let up: String
    package let down: String
    /// Schema-qualified tables whose rows `down` would delete; while one holds any, it wants to be forced.
    package let guardedTables: [String]

    /// - Precondition: numbers count from 1.
    package init(number: Int, name: String, up: String, down: String, guardedTables: [String] = []) {
        precondition(number >= 1, "migrations count from 1")
        self.number = number
        self.name = name
        self.up = up
        self.down = down
        self.guardedTables = guardedTables
    }

    /// From files embedded in the binary.
    package init(number: Int, name: String, up: [UInt8], down: [UInt8], guardedTables: [String] = []) {
        self.init(
            number: number,
            name: name,
            up: String(decoding: up, as: UTF8.self),
            down: String(decoding: down, as: UTF8.self),
            guardedTables: guardedTables
        )
    }

    /// What the checksum covers: either text's change shows, and so does moving a line from one to the other.
    var signedBytes: [UInt8] { Array(up.utf8) + [0] + Array(down.utf8) }
}

extension Migration: CustomStringConvertible {
    package var description: String { "migration \(number) (\(name))" }
}
