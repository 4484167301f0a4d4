/// A statement whose interpolated values are bound, never pasted: `"… WHERE id = \(id)"` is sent as `… WHERE id = $1`.
///
/// ```swift
/// try await database.query("SELECT job_id FROM job WHERE state = \(state) AND run_id = \(run)")
/// ```
/// Text is bound without a type, so the server takes it for whatever stands there, an enum or jsonb included. Integers
/// are bound with theirs: a function that wants `integer` takes `Int32`, not `Int`.
package struct Query: Sendable, ExpressibleByStringInterpolation {
    package private(set) var sql: String
    package private(set) var parameters: [Parameter]

    package init(stringLiteral value: String) { (sql, parameters) = (value, []) }

    /// Text that goes to the server as it stands. Nothing from outside the program may be in it.
    package init(unescaped sql: String, parameters: [Parameter] = []) {
        (self.sql, self.parameters) = (sql, parameters)
    }

    package init(stringInterpolation: StringInterpolation) {
        (sql, parameters) = (stringInterpolation.sql, stringInterpolation.parameters)
    }

    /// Collects `$1`, `$2`, … in the order in which the values appear.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql = ""
        fileprivate var parameters: [Parameter] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            sql.reserveCapacity(literalCapacity + 3 * interpolationCount)
            parameters.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { sql += literal }

        package mutating func appendInterpolation(_ value: some PostgresEncodable) {
            parameters.append(value.postgresParameter)
            sql += "$\(parameters.count)"
        }

        /// A value that is made by hand, such as memory that is lent.
        package mutating func appendInterpolation(bound parameter: Parameter) {
            parameters.append(parameter)
            sql += "$\(parameters.count)"
        }

        /// A value that may be missing; apart from the above only because the compiler warns of optionals there.
        package mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            parameters.append(value.postgresParameter)
            sql += "$\(parameters.count)"
        }

        /// The hatch for table names and the like; stands out in review by its label.
        package mutating func appendInterpolation(unescaped fragment: String) { sql += fragment }

        /// A table, column or role name, quoted so that whatever it holds stays one name.
        package mutating func appendInterpolation(identifier name: String) { sql += Query.quoted(identifier: name) }
    }

    /// `my"table` becomes `"my""table"`.
    package static func quoted(identifier name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    /// `it's` becomes `'it''s'`, for the few statements that take no bound values: those about roles.
    package static func quoted(literal text: String) -> String {
        // E'' is the same whatever standard_conforming_strings says.
        "E'" + text.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'"
    }

    /// Bytes that sending this takes, near enough to bound what is in flight.
    var byteCount: Int { parameters.reduce(sql.utf8.count + 64) { $0 + $1.byteCount + 16 } }
}

extension Query: CustomStringConvertible {
    /// The text with its `$n`; bound values stay out of logs.
    package var description: String { sql }
}
