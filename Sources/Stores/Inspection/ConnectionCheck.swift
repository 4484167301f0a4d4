package import Postgres

/// Whether everybody who works on the database, or soon will, gets a connection.
package struct ConnectionCheck: Check {
    package let subject = "connections"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package struct Facts: Sendable {
        package let limit: Int
        package let reserved: Int
        /// Sessions of clients, ours and others'.
        package let used: Int
        /// Runs that go on; each has an aggregator.
        package let runs: Int
        package let workers: Int

        package init(limit: Int, reserved: Int, used: Int, runs: Int, workers: Int) {
            (self.limit, self.reserved, self.used) = (limit, reserved, used)
            (self.runs, self.workers) = (runs, workers)
        }

        /// The coordinator and an aggregator a run.
        package var leaders: Int { 1 + max(runs, 1) }
        package var budget: Int { reserved + perLeader * leaders + perMonitor + perWorker * workers }
        /// Beyond this no worker is let in; the rest belongs to leaders and the operator.
        package var admission: Int { limit * 9 / 10 }
        package var room: Int { max(0, (admission - budget) / perWorker) }
    }

    /// Work, lease, LISTEN and one to spare.
    private static let perLeader = 4
    private static let perMonitor = 2
    /// Transfers, beats, LISTEN, and cached targets where the run has any.
    private static let perWorker = 4

    package func findings() async throws -> [Finding] {
        let rows = try await database.query(
            """
            SELECT current_setting('max_connections')::integer AS max_connections,
                current_setting('superuser_reserved_connections')::integer AS reserved,
                (SELECT sum(numbackends) FROM pg_stat_database)::integer AS used
            """,
            retry: .idempotent
        )
        let fleet = try await fleet()
        return try rows.flatMap { row in
            try Self.judge(
                Facts(
                    limit: row.decode("max_connections"),
                    reserved: row.decode("reserved"),
                    used: row.decode("used"),
                    runs: fleet.runs,
                    workers: fleet.workers
                )
            )
        }
    }

    private func fleet() async throws -> (runs: Int, workers: Int) {
        guard try await database.hasTable("worker_session") else { return (0, 0) }
        let rows = try await database.query(
            """
            SELECT (SELECT count(*) FROM stillhouse.run_head WHERE state IN ('active', 'blocked')) AS runs,
                (SELECT count(*) FROM stillhouse.worker_session, stillhouse.setting
                    WHERE ended_at IS NULL
                        AND last_seen > clock_timestamp() - make_interval(secs => session_ttl_s)) AS workers
            """,
            retry: .idempotent
        )
        return try rows.first.map { (try $0.decode("runs"), try $0.decode("workers")) } ?? (0, 0)
    }

    package static func judge(_ facts: Facts) -> [Finding] {
        let sum =
            "\(facts.reserved) reserved + \(perLeader) × \(facts.leaders) leaders + \(perMonitor) for a monitor + "
            + "\(perWorker) × \(facts.workers) workers = \(facts.budget) of \(facts.limit)"
        let limit = ServerSetting("max_connections", shown: "\(facts.limit)", needsRestart: true)
        let wanted = max(100, 2 * facts.budget)
        var findings: [Finding] = []
        if facts.budget > facts.admission {
            findings.append(
                Finding(
                    facts.budget > facts.limit ? .error : .warning,
                    "connection budget",
                    sum,
                    because: "at nine tenths no further worker is let in, at ten even a leader is turned away",
                    mend: limit.change(to: "\(wanted)") + "\nOr run fewer workers, or put PgBouncer before them."
                )
            )
        } else {
            findings.append(.ok("connection budget", "\(sum); room for \(facts.room) more workers"))
        }
        if facts.used >= facts.admission {
            findings.append(
                Finding(
                    .error,
                    "open connections",
                    "\(facts.used) of \(facts.limit)",
                    because: "no worker is let in beyond nine tenths, and a leader that reconnects may find no place",
                    mend: """
                        See whose they are, and end what nobody needs:
                        SELECT usename, application_name, client_addr, state, count(*) FROM pg_stat_activity \
                        GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC;
                        """
                )
            )
        } else {
            findings.append(.ok("open connections", "\(facts.used) of \(facts.limit)"))
        }
        return findings
    }
}
