package import Foundation

/// timestamptz, to the microsecond; `infinity` is `distantFuture` on the way in, and back again on the way out.
extension Date: PostgresEncodable, PostgresDecodable {
    package static var postgresType: PostgresType { .timestamptz }

    package var postgresParameter: Parameter {
        if self == .distantFuture { return .binary(Int64.max.networkBytes, .timestamptz) }
        if self == .distantPast { return .binary(Int64.min.networkBytes, .timestamptz) }
        let microseconds = (timeIntervalSinceReferenceDate + Self.secondsBetweenEpochs) * 1e6
        guard let exact = Int64(exactly: microseconds.rounded()) else {
            return .unsendable("it lies outside what timestamptz can hold", .timestamptz)
        }
        return .binary(exact.networkBytes, .timestamptz)
    }

    package static func decoded(fromPostgres value: PostgresValue) throws(PostgresValue.Mismatch) -> Date {
        let bytes = try value.bytes(of: .timestamptz, as: Date.self)
        guard let microseconds = Int64(networkBytes: bytes) else { throw value.malformed(Date.self) }
        if microseconds == .max { return .distantFuture }
        if microseconds == .min { return .distantPast }
        return Date(timeIntervalSinceReferenceDate: Double(microseconds) / 1e6 - secondsBetweenEpochs)
    }

    /// PostgreSQL counts from 2000-01-01, Foundation from 2001-01-01; 2000 was a leap year.
    private static var secondsBetweenEpochs: Double { 366 * 86_400 }
}
