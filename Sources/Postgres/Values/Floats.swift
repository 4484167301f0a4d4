extension Double: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .float8 }
    package var postgresParameter: Parameter { .binary(bitPattern.networkBytes, .float8) }
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Double {
        let bytes = try value.bytes(of: .float8, .float4, as: Double.self)
        let number =
            value.type == .float4
            ? UInt32(networkBytes: bytes).map { Double(Float(bitPattern: $0)) }
            : UInt64(networkBytes: bytes).map(Double.init(bitPattern:))
        guard let number else { throw value.malformed(Double.self) }
        return number
    }
}

/// Reads `real` only: a `double precision` column would lose digits without saying so.
extension Float: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .float4 }
    package var postgresParameter: Parameter { .binary(bitPattern.networkBytes, .float4) }
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Float {
        let bytes = try value.bytes(of: .float4, as: Float.self)
        guard let bits = UInt32(networkBytes: bytes) else { throw value.malformed(Float.self) }
        return Float(bitPattern: bits)
    }
}

extension Bool: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .bool }
    package var postgresParameter: Parameter { .binary([self ? 1 : 0], .bool) }
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Bool {
        let bytes = try value.bytes(of: .bool, as: Bool.self)
        guard bytes.count == 1 else { throw value.malformed(Bool.self) }
        return bytes[0] != 0
    }
}
