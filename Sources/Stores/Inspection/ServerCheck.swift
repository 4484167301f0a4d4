package import Postgres

/// Whether the server is one that Stillhouse can work on at all: version, encoding, writable.
package struct ServerCheck: Check {
    package let subject = "server"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    package struct Facts: Sendable {
        package let version: String
        /// Such as 150018 for 15.18.
        package let number: Int
        package let encoding: String
        package let isReadOnly: Bool

        package init(version: String, number: Int, encoding: String, isReadOnly: Bool) {
            (self.version, self.number) = (version, number)
            (self.encoding, self.isReadOnly) = (encoding, isReadOnly)
        }
    }

    package func findings() async throws -> [Finding] {
        let rows = try await database.query(
            """
            SELECT current_setting('server_version') AS version,
                current_setting('server_version_num')::integer AS number,
                current_setting('server_encoding') AS encoding,
                pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS is_read_only
            """,
            retry: .idempotent
        )
        return try rows.flatMap { row in
            try Self.judge(
                Facts(
                    version: row.decode("version"),
                    number: row.decode("number"),
                    encoding: row.decode("encoding"),
                    isReadOnly: row.decode("is_read_only")
                )
            )
        }
    }

    package static func judge(_ facts: Facts) -> [Finding] {
        var findings: [Finding] = []
        if facts.number < 150_000 {
            findings.append(
                Finding(
                    .error,
                    "server version",
                    "PostgreSQL \(facts.version)",
                    because: "the schema and its functions are written for PostgreSQL 15 and newer",
                    mend: "Upgrade the server to PostgreSQL 15 or newer."
                )
            )
        } else {
            findings.append(.ok("server version", "PostgreSQL \(facts.version)"))
        }
        if facts.encoding != "UTF8" {
            findings.append(
                Finding(
                    .error,
                    "database encoding",
                    facts.encoding,
                    because: "file names, errors and recipes in any language are stored as text and as JSON",
                    mend: """
                        Make a new database and migrate that one:
                        CREATE DATABASE stillhouse TEMPLATE template0 ENCODING 'UTF8';
                        """
                )
            )
        } else {
            findings.append(.ok("database encoding", facts.encoding))
        }
        if facts.isReadOnly {
            findings.append(
                Finding(
                    .error,
                    "server",
                    "read-only",
                    because: "it is a standby, or made read-only: every claim and every submission is refused",
                    mend: "Connect to the primary, or add target_session_attrs=read-write to the database URL."
                )
            )
        }
        return findings
    }
}
