package import Foundation

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package static var postgresType: PostgresType { Element.postgresArrayType }
    package var postgresParameter: Parameter { Element.postgresParameter(array: self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> [Element] {
        try Element.array(fromPostgres: value)
    }
}

extension PostgresArrayElement where Self: PostgresEncodable & PostgresDecodable {
    package static func postgresParameter(array: [Self]) -> Parameter {
        ArrayForm.parameter(array.map(\.postgresParameter), elementType: arrayElementType, type: postgresArrayType)
    }

    package static func array(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> [Self] {
        var elements: [Self] = []
        for element in try ArrayForm.elements(of: value) { elements.append(try decoded(fromPostgres: element)) }
        return elements
    }

    /// Inside an array nothing is inferred: a string there is text.
    private static var arrayElementType: PostgresType { postgresType == .inferred ? .text : postgresType }
}

extension Int16: PostgresArrayElement { package static var postgresArrayType: PostgresType { .int2Array } }
extension Int32: PostgresArrayElement { package static var postgresArrayType: PostgresType { .int4Array } }
extension Int64: PostgresArrayElement { package static var postgresArrayType: PostgresType { .int8Array } }
extension Int: PostgresArrayElement { package static var postgresArrayType: PostgresType { .int8Array } }
extension Double: PostgresArrayElement { package static var postgresArrayType: PostgresType { .float8Array } }
extension Float: PostgresArrayElement { package static var postgresArrayType: PostgresType { .float4Array } }
extension Bool: PostgresArrayElement { package static var postgresArrayType: PostgresType { .boolArray } }
extension String: PostgresArrayElement { package static var postgresArrayType: PostgresType { .textArray } }
extension UUID: PostgresArrayElement { package static var postgresArrayType: PostgresType { .uuidArray } }
extension Date: PostgresArrayElement { package static var postgresArrayType: PostgresType { .timestamptzArray } }
extension Data: PostgresArrayElement { package static var postgresArrayType: PostgresType { .byteaArray } }

/// `[[UInt8]]` is bytea[].
extension Array: PostgresArrayElement where Element == UInt8 {
    package static var postgresArrayType: PostgresType { .byteaArray }
}

/// `[Int?]` is an array that may hold NULLs.
extension Optional: PostgresArrayElement
where Wrapped: PostgresArrayElement & PostgresEncodable & PostgresDecodable {
    package static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
}
