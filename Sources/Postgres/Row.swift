/// One row of an answer; columns are asked for by name.
///
/// ```swift
/// let id = try row.decode("job_id", as: Int64.self)
/// let error: String? = try row.decode("last_error")
/// ```
package struct Row: Sendable {
    /// Names and types, shared by all rows of an answer.
    final class Columns: Sendable {
        let statement: String
        let names: [String]
        let types: [PostgresType]
        let positions: [String: Int]

        init(statement: String, names: [String], types: [PostgresType]) {
            (self.statement, self.names, self.types) = (statement, names, types)
            positions = Dictionary(zip(names, names.indices)) { first, _ in first }
        }
    }

    let columns: Columns
    let cells: [[UInt8]?]

    package var columnNames: [String] { columns.names }

    /// - Throws: `.undecodable` naming column, type and statement, never the value.
    package func decode<T: PostgresDecodable>(_ column: String, as: T.Type = T.self) throws(PostgresError) -> T {
        guard let position = columns.positions[column] else {
            throw PostgresError(
                .undecodable,
                "there is no column \"\(column)\" among \(columns.names.joined(separator: ", "))",
                statement: columns.statement
            )
        }
        return try decode(at: position)
    }

    /// By position, for answers of one column.
    package func decode<T: PostgresDecodable>(at position: Int, as: T.Type = T.self) throws(PostgresError) -> T {
        precondition(cells.indices.contains(position), "column \(position) of \(cells.count)")
        do {
            let value = PostgresValue(bytes: cells[position], type: columns.types[position])
            return try T.decoded(fromPostgres: value)
        } catch {
            throw PostgresError(
                .undecodable,
                "column \"\(columns.names[position])\" \(error.reason)",
                statement: columns.statement
            )
        }
    }
}
