package import Foundation

/// bytea in binary: a mebibyte travels as a mebibyte, without hexadecimal digits.
extension Data: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .bytea }
    package var postgresParameter: Parameter { .binary(self, .bytea) }
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Data {
        Data(try value.bytes(of: .bytea, as: Data.self))
    }
}

/// Makes `[UInt8]` bytea rather than an array of numbers.
extension UInt8: PostgresArrayElement {
    package static var postgresArrayType: PostgresType { .bytea }
    package static func postgresParameter(array: [UInt8]) -> Parameter { .binary(array, .bytea) }
    package static func array(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> [UInt8] {
        try value.bytes(of: .bytea, as: [UInt8].self)
    }
}
