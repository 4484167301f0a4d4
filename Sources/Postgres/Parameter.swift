package import Foundation

/// One bound value in the form in which it crosses the wire; never printed.
package struct Parameter: Sendable {
    /// Binary parameters carry their length, text parameters end at a zero byte.
    enum Form: Int32 {
        case text = 0
        case binary = 1
    }

    /// What is sent: nothing for NULL, or why the value cannot be sent at all.
    enum Payload {
        case null
        case bytes([UInt8])
        case data(Data)
        /// Sent from where it lies.
        case floats(ArraySlice<Float>)
        case unsendable(String)
    }

    let type: PostgresType
    let form: Form
    let payload: Payload

    /// The bytes that this parameter adds to a message, for limits on what is in flight.
    var byteCount: Int {
        switch payload {
        case .null, .unsendable: 0
        case .bytes(let bytes): bytes.count
        case .data(let data): data.count
        case .floats(let values): values.count * MemoryLayout<Float>.size
        }
    }

    /// A value in the type's binary form, as `<type>send` of the server would write it.
    package static func binary(_ bytes: [UInt8], _ type: PostgresType) -> Parameter {
        Parameter(type: type, form: .binary, payload: .bytes(bytes))
    }

    package static func binary(_ data: Data, _ type: PostgresType) -> Parameter {
        Parameter(type: type, form: .binary, payload: .data(data))
    }

    /// bytea of the values' own memory, in the machine's byte order; libpq takes it from there without a copy between.
    package static func bytes(of values: ArraySlice<Float>) -> Parameter {
        Parameter(type: .bytea, form: .binary, payload: .floats(values))
    }

    /// A value in the type's input syntax; a zero byte within cannot be sent, as it would cut the text short.
    package static func text(_ text: some StringProtocol, _ type: PostgresType) -> Parameter {
        if text.utf8.contains(0) { return .unsendable("it holds a zero byte, which text in PostgreSQL cannot", type) }
        return Parameter(type: type, form: .text, payload: .bytes(Array(text.utf8)))
    }

    package static func null(_ type: PostgresType) -> Parameter {
        Parameter(type: type, form: .binary, payload: .null)
    }

    /// Found out while encoding, thrown when the query is sent: interpolation cannot throw.
    package static func unsendable(_ reason: String, _ type: PostgresType) -> Parameter {
        Parameter(type: type, form: .text, payload: .unsendable(reason))
    }
}
