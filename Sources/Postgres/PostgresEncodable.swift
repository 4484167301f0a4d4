/// A value that can be bound to a statement.
package protocol PostgresEncodable {
    /// The type that a missing value is declared with.
    static var postgresType: PostgresType { get }

    var postgresParameter: Parameter { get }
}

/// A value that an array of can be bound to a statement, and read from a row.
///
/// Apart from `PostgresEncodable` because `[UInt8]` is bytes, not an array of numbers.
package protocol PostgresArrayElement {
    static var postgresArrayType: PostgresType { get }

    static func postgresParameter(array: [Self]) -> Parameter

    static func array(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> [Self]
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package static var postgresType: PostgresType { Wrapped.postgresType }

    package var postgresParameter: Parameter {
        map(\.postgresParameter) ?? .null(Wrapped.postgresType)
    }
}

/// An enum of ours with a raw value is bound as that value: `enum JobState: String, PostgresEncodable`.
extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    package static var postgresType: PostgresType { RawValue.postgresType }
    package var postgresParameter: Parameter { rawValue.postgresParameter }
}
