/// A value that can be read from a row.
package protocol PostgresDecodable {
    static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Self
}

/// One cell of a row: binary form and type; nil bytes are NULL.
package struct PostgresValue: Sendable {
    package let bytes: [UInt8]?
    package let type: PostgresType

    package init(bytes: [UInt8]?, type: PostgresType) { (self.bytes, self.type) = (bytes, type) }

    /// Why a cell is not what the caller asked for; the row adds the column's name and the statement's.
    package struct Mismatch: Error {
        package let reason: String
        package init(_ reason: String) { self.reason = reason }
    }

    /// The bytes of a cell of one of these types; NULL and any other type are mismatches.
    func bytes(of types: PostgresType..., as wanted: Any.Type) throws(Mismatch) -> [UInt8] {
        guard let bytes else { throw Mismatch("is NULL; decode it as \(wanted)?") }
        guard types.contains(type) else { throw mismatch(with: wanted) }
        return bytes
    }

    func mismatch(with wanted: Any.Type) -> Mismatch {
        let hint = type == .numeric ? "; cast it to bigint or double precision in the statement" : ""
        return Mismatch("is \(type), which \(wanted) cannot hold\(hint)")
    }

    func malformed(_ wanted: Any.Type) -> Mismatch {
        Mismatch("has \(bytes?.count ?? 0) bytes, which is no binary form of \(wanted)")
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Self {
        value.bytes == nil ? nil : try Wrapped.decoded(fromPostgres: value)
    }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Self {
        let raw = try RawValue.decoded(fromPostgres: value)
        guard let known = Self(rawValue: raw) else {
            throw .init("holds a value that this build's \(Self.self) does not know; is the schema newer?")
        }
        return known
    }
}
