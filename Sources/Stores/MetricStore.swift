package import Postgres

/// Numbers about versions: losses, norms, learning rates, evaluations.
package struct MetricStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Recording a name again replaces its value.
    package func record(_ values: [String: Double], of run: RunID, number: Int) async throws(PostgresError) {
        try await database.execute(Self.insertion(values, of: run, number: number))
    }

    /// In order of version number, then name.
    package func list(
        of run: RunID,
        name: String? = nil,
        since number: Int = 0
    ) async throws(PostgresError) -> [Metric] {
        try await database.query(
            """
            SELECT number, name, value FROM stillhouse.metric
            WHERE run_id = \(run) AND number >= \(number) AND (\(name)::text IS NULL OR name = \(name))
            ORDER BY number, name
            """
        ).map { row throws(PostgresError) in
            Metric(number: try row.decode("number"), name: try row.decode("name"), value: try row.decode("value"))
        }
    }

    static func insertion(_ values: [String: Double], of run: RunID, number: Int) -> Query {
        let names = values.keys.sorted()
        return """
            INSERT INTO stillhouse.metric (run_id, number, name, value)
            SELECT \(run), \(number), m.name, m.value
            FROM unnest(\(names), \(names.compactMap { values[$0] })) AS m (name, value)
            ON CONFLICT (run_id, number, name) DO UPDATE SET value = excluded.value, at = clock_timestamp()
            """
    }
}
