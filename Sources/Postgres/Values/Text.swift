/// Bound without a type, so that the same Swift string serves text, enum, jsonb and timestamp columns.
extension String: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .inferred }
    package var postgresParameter: Parameter { .text(self, .inferred) }

    /// Reads text, names, enums, json and jsonb.
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> String {
        var bytes: [UInt8]
        if value.type.isUserDefined, let own = value.bytes {
            bytes = own
        } else {
            bytes = try value.bytes(
                of: .text,
                .varchar,
                .bpchar,
                .name,
                .char,
                .unknown,
                .json,
                .jsonb,
                as: String.self
            )
        }
        if value.type == .jsonb { bytes = try value.jsonbText() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .init("is not UTF-8; is client_encoding changed?")
        }
        return text
    }
}

extension PostgresValue {
    /// jsonb's binary form is its text after a version byte, which has been 1 since 9.4.
    func jsonbText() throws(Mismatch) -> [UInt8] {
        guard let bytes, bytes.first == 1 else { throw malformed(String.self) }
        return Array(bytes.dropFirst())
    }
}
