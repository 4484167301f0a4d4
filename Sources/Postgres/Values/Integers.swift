extension Int16: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .int2 }
    package var postgresParameter: Parameter { .binary(networkBytes, .int2) }
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Int16 {
        try value.integer()
    }
}

extension Int32: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .int4 }
    package var postgresParameter: Parameter { .binary(networkBytes, .int4) }
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Int32 {
        try value.integer()
    }
}

extension Int64: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .int8 }
    package var postgresParameter: Parameter { .binary(networkBytes, .int8) }
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Int64 {
        try value.integer()
    }
}

extension Int: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .int8 }
    package var postgresParameter: Parameter { Int64(self).postgresParameter }
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Int {
        try value.integer()
    }
}

extension PostgresValue {
    /// Any integer column fits any Swift integer, as long as this value does.
    fileprivate func integer<I: FixedWidthInteger>() throws(Mismatch) -> I {
        let bytes = try bytes(of: .int2, .int4, .int8, .oid, as: I.self)
        let wide: Int64? =
            switch type {
            case .int2: Int16(networkBytes: bytes).map(Int64.init)
            case .int4: Int32(networkBytes: bytes).map(Int64.init)
            case .oid: UInt32(networkBytes: bytes).map(Int64.init)
            default: Int64(networkBytes: bytes)
            }
        guard let wide else { throw malformed(I.self) }
        guard let value = I(exactly: wide) else { throw Mismatch("holds a number too large for \(I.self)") }
        return value
    }
}
