import Foundation

/// A Codable value kept as jsonb: `\(JSON(recipe))` in a query, `row.decode("recipe", as: JSON<Recipe>.self).value`.
///
/// A JSON text that is already written is an ordinary `String` in either direction.
package struct JSON<Value> {
    package var value: Value
    package init(_ value: Value) { self.value = value }
}

extension JSON: Sendable where Value: Sendable {}

extension JSON where Value: Encodable {
    /// The text that is bound, for statements that want it in an array.
    package var text: String {
        get throws(PostgresError) {
            let parameter = postgresParameter
            guard case .bytes(let bytes) = parameter.payload else {
                throw PostgresError(.unencodable, "\(Value.self) has no JSON form", isUnexecuted: true)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension JSON: PostgresEncodable where Value: Encodable {
    package static var postgresType: PostgresType { .jsonb }

    /// Keys are sorted, so that equal values make equal text.
    package var postgresParameter: Parameter {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return .text(String(decoding: try encoder.encode(value), as: UTF8.self), .jsonb)
        } catch {
            return .unsendable("\(Value.self) has no JSON form (not a number, or infinite?)", .jsonb)
        }
    }
}

extension JSON: PostgresDecodable where Value: Decodable {
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> JSON {
        let text = try String.decoded(fromPostgres: value)
        do {
            return JSON(try JSONDecoder().decode(Value.self, from: Data(text.utf8)))
        } catch let error as DecodingError {
            throw .init("is JSON but not a \(Value.self): \(Self.place(of: error))")
        } catch {
            throw .init("is JSON but not a \(Value.self)")
        }
    }

    /// The path of the offending key; `DecodingError`'s own text may quote the stored value.
    private static func place(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "no \(path(context.codingPath + [key]))"
        case .typeMismatch(let type, let context): "\(path(context.codingPath)) is not \(type)"
        case .valueNotFound(let type, let context): "\(path(context.codingPath)) is null, not \(type)"
        case .dataCorrupted(let context): "\(path(context.codingPath)) is malformed"
        @unknown default: "it does not fit"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the whole" : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
