package import Postgres

/// Sessions that keep a transaction open: while one does, no dead row of a later time can be removed anywhere.
package struct TransactionCheck: Check {
    package let subject = "transactions"
    private let database: Database
    private let limits: Limits

    /// From when on a session is worth a word.
    package struct Limits: Sendable {
        /// Without a statement running.
        package var idle: Duration
        package var age: Duration
        /// From here on the queue suffers.
        package var alarm: Duration

        package init(idle: Duration = .seconds(30), age: Duration = .seconds(60), alarm: Duration = .seconds(600)) {
            (self.idle, self.age, self.alarm) = (idle, age, alarm)
        }
    }

    package init(_ database: Database, limits: Limits = Limits()) { (self.database, self.limits) = (database, limits) }

    package func findings() async throws -> [Finding] {
        let rows = try await database.query(
            """
            SELECT pid, usename::text AS login, application_name, coalesce(host(client_addr), 'this host') AS address,
                coalesce(state, '') LIKE 'idle in transaction%' AS is_idle,
                extract(epoch FROM clock_timestamp() - xact_start)::double precision AS age,
                extract(epoch FROM clock_timestamp() - state_change)::double precision AS since
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                AND xact_start IS NOT NULL
            ORDER BY xact_start
            """,
            retry: .idempotent
        )
        var findings: [Finding] = []
        for row in rows { if let finding = try finding(row) { findings.append(finding) } }
        if findings.isEmpty { findings.append(.ok("long transactions", "none")) }
        if let hidden = try await hiddenSessions() { findings.append(hidden) }
        return findings
    }

    private func finding(_ row: Row) throws(PostgresError) -> Finding? {
        let isIdle: Bool = try row.decode("is_idle")
        let age = Duration.seconds(try row.decode("age", as: Double.self))
        let since = Duration.seconds(try row.decode("since", as: Double.self))
        guard age >= limits.age || (isIdle && since >= limits.idle) else { return nil }
        let pid: Int32 = try row.decode("pid")
        let login: String = try row.decode("login")
        let application: String = try row.decode("application_name")
        let address: String = try row.decode("address")
        let state = isIdle ? "idle in it for \(since.wholeSeconds) s" : "working"
        return Finding(
            age >= limits.alarm ? .error : .warning,
            "session \(pid)",
            "\(login) (\(application.isEmpty ? "unnamed" : application), from \(address)) has had a transaction open for "
                + "\(age.wholeSeconds) s, \(state)",
            because: "autovacuum removes nothing that died since it began, so claims get slower; its locks stop others",
            mend: "SELECT pg_terminate_backend(\(pid));"
        )
    }

    /// What an unprivileged login is not shown.
    private func hiddenSessions() async throws(PostgresError) -> Finding? {
        let rows = try await database.query(
            """
            SELECT count(*) AS n, current_user::text AS login FROM pg_stat_activity
            WHERE datname = current_database() AND query = '<insufficient privilege>'
            """,
            retry: .idempotent
        )
        guard let row = rows.first else { return nil }
        let count: Int = try row.decode("n")
        let login: String = try row.decode("login")
        guard count > 0 else { return nil }
        return Finding(
            .note,
            "other logins' sessions",
            "\(count) of them cannot be looked at",
            because: "one of them may hold a transaction open",
            mend: "GRANT pg_monitor TO \(Query.quoted(identifier: login));"
        )
    }
}

extension Duration {
    /// For people: seconds without a fraction.
    fileprivate var wholeSeconds: Int64 { components.seconds }
}
