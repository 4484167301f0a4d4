import Postgres

/// A setting of the server as it applies to this session, with what is needed to compare and to change it.
package struct ServerSetting: Sendable {
    package let name: String
    /// As `SHOW` prints it.
    package let shown: String
    /// In bytes, milliseconds or as it is; 0 for words.
    package let quantity: Int
    /// Takes effect with a restart of the server only.
    package let needsRestart: Bool
    /// Changed in the file, waiting for a restart.
    package let isPending: Bool

    package init(_ name: String, shown: String, quantity: Int = 0, needsRestart: Bool = false, isPending: Bool = false)
    {
        (self.name, self.shown, self.quantity) = (name, shown, quantity)
        (self.needsRestart, self.isPending) = (needsRestart, isPending)
    }

    /// The settings of these names that the server knows, by name.
    static func read(_ names: [String], from database: Database) async throws(PostgresError) -> [String: ServerSetting]
    {
        let rows = try await database.query(
            """
            SELECT name, current_setting(name) AS shown, context = 'postmaster' AS needs_restart, pending_restart,
                CASE WHEN vartype IN ('integer', 'real') THEN (setting::double precision * CASE unit
                    WHEN 'B' THEN 1 WHEN 'kB' THEN 1024 WHEN '8kB' THEN 8192 WHEN 'MB' THEN 1048576
                    WHEN 's' THEN 1000 WHEN 'min' THEN 60000 ELSE 1
                END)::bigint ELSE 0 END AS quantity
            FROM pg_settings WHERE name = ANY (\(names))
            """,
            retry: .idempotent
        )
        var settings: [String: ServerSetting] = [:]
        for row in rows {
            let name: String = try row.decode("name")
            settings[name] = ServerSetting(
                name,
                shown: try row.decode("shown"),
                quantity: try row.decode("quantity"),
                needsRestart: try row.decode("needs_restart"),
                isPending: try row.decode("pending_restart")
            )
        }
        return settings
    }

    /// The statements that give it another value.
    func change(to value: String) -> String {
        "ALTER SYSTEM SET \(name) = '\(value)'; "
            + (needsRestart ? "-- then restart the server" : "SELECT pg_reload_conf();")
    }
}
