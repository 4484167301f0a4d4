package import Postgres

/// Whether weights, results and session secrets travel encrypted wherever they leave a machine.
package struct TransportCheck: Check {
    package let subject = "transport"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package struct Facts: Sendable {
        /// This session's TLS version; nil without TLS.
        package let protocolVersion: String?
        /// Through a Unix socket or the loopback interface.
        package let isLocal: Bool
        /// libpq's `sslmode`, where the URL or the environment names one.
        package let mode: String?
        /// Other clients from other machines without TLS.
        package let exposedSessions: Int

        package init(protocolVersion: String?, isLocal: Bool, mode: String?, exposedSessions: Int) {
            (self.protocolVersion, self.isLocal) = (protocolVersion, isLocal)
            (self.mode, self.exposedSessions) = (mode, exposedSessions)
        }
    }

    package func findings() async throws -> [Finding] {
        let rows = try await database.query(
            """
            WITH sessions AS (
                SELECT a.pid, s.ssl, s.version,
                    a.client_addr IS NULL OR a.client_addr <<= '127.0.0.0/8' OR a.client_addr = '::1' AS is_local
                FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
                WHERE a.datname = current_database() AND a.backend_type = 'client backend'
            )
            SELECT own.version, own.is_local, (
                SELECT count(*) FROM sessions WHERE NOT ssl AND NOT is_local AND pid <> pg_backend_pid()
            ) AS exposed
            FROM sessions own WHERE own.pid = pg_backend_pid()
            """,
            retry: .idempotent
        )
        return try rows.flatMap { row in
            try Self.judge(
                Facts(
                    protocolVersion: row.decode("version"),
                    isLocal: row.decode("is_local"),
                    mode: database.configuration[option: "sslmode"],
                    exposedSessions: row.decode("exposed")
                )
            )
        }
    }

    package static func judge(_ facts: Facts) -> [Finding] {
        var findings = [own(facts)]
        if facts.exposedSessions > 0 {
            findings.append(
                Finding(
                    .error,
                    "other sessions",
                    "\(facts.exposedSessions) from other machines without TLS",
                    because: "whoever sees a worker's traffic sees its session, and may submit in its name",
                    mend: "Let pg_hba.conf admit other machines by hostssl lines only; then: SELECT pg_reload_conf();"
                )
            )
        }
        return findings
    }

    private static func own(_ facts: Facts) -> Finding {
        if facts.isLocal { return .ok("transport", "stays on this machine") }
        guard let version = facts.protocolVersion else {
            return Finding(
                .error,
                "transport",
                "from another machine without TLS",
                because: "weights, results and session secrets can be read and changed on the way",
                mend: "Set ssl = on at the server, and add sslmode=verify-full to the database URL."
            )
        }
        guard facts.mode == "verify-full" else {
            return Finding(
                .warning,
                "transport",
                "\(version), sslmode \(facts.mode ?? "prefer")",
                because: "nobody makes sure that it is the right server at the other end",
                mend: "Add sslmode=verify-full&sslrootcert=FILE to the database URL."
            )
        }
        return .ok("transport", "\(version), sslmode verify-full")
    }
}
