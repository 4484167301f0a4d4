package import Postgres

/// Who may do what: the groups that the migrations make, their members, and what everybody may.
package struct RoleCheck: Check {
    package let subject = "roles"
    private let database: Database

    package init(_ database: Database) { self.database = database }

    private static let groups = ["stillhouse_owner", "stillhouse_worker", "stillhouse_reader"]

    package func findings() async throws -> [Finding] {
        try await groups() + publicRights() + databaseRights()
    }

    private func groups() async throws(PostgresError) -> [Finding] {
        let rows = try await database.query(
            """
            SELECT g.rolname::text AS name, g.rolcanlogin OR g.rolsuper AS is_person, coalesce((
                SELECT string_agg(m.rolname, ', ' ORDER BY m.rolname)
                FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member WHERE a.roleid = g.oid
            ), 'nobody') AS members
            FROM pg_roles g WHERE g.rolname = ANY (\(Self.groups)) ORDER BY g.rolname
            """,
            retry: .idempotent
        )
        if rows.isEmpty {
            return [
                .note("groups", "there are none: every login that may use the schema may do everything in it")
            ]
        }
        var findings: [Finding] = []
        var names: Set<String> = []
        for row in rows {
            let name: String = try row.decode("name")
            names.insert(name)
            if try row.decode("is_person", as: Bool.self) {
                findings.append(
                    Finding(
                        .warning,
                        "role \(name)",
                        "may log in, or is a superuser",
                        because: "it is meant as a group: who logs in with it shares its password with all others",
                        mend: "ALTER ROLE \(name) NOLOGIN NOSUPERUSER;"
                    )
                )
            } else {
                findings.append(.ok("role \(name)", "members: \(try row.decode("members", as: String.self))"))
            }
        }
        for name in Self.groups where !names.contains(name) {
            findings.append(
                Finding(
                    .error,
                    "role \(name)",
                    "is missing",
                    because: "grants to it are lost, and logins that were its members can no longer work",
                    mend: "CREATE ROLE \(name) NOLOGIN; -- then grant again what stillhouse migrate print shows for it"
                )
            )
        }
        return findings
    }

    /// Whatever everybody may do inside the schema; the migrations leave nothing.
    private func publicRights() async throws(PostgresError) -> [Finding] {
        let rows = try await database.query(
            """
            SELECT object, string_agg(DISTINCT privilege_type, ', ') AS privileges, mend FROM (
                SELECT 'schema stillhouse' AS object, a.privilege_type,
                    'REVOKE ALL ON SCHEMA stillhouse FROM PUBLIC;' AS mend
                FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
                WHERE n.nspname = 'stillhouse' AND a.grantee = 0
                UNION ALL SELECT format('relation %s', c.relname), a.privilege_type,
                    format('REVOKE ALL ON stillhouse.%I FROM PUBLIC;', c.relname)
                FROM pg_class c, aclexplode(c.relacl) a
                WHERE c.relnamespace = to_regnamespace('stillhouse') AND a.grantee = 0
                UNION ALL SELECT format('function %s', p.proname), a.privilege_type,
                    format('REVOKE ALL ON FUNCTION %s FROM PUBLIC;', p.oid::regprocedure)
                FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                WHERE p.pronamespace = to_regnamespace('stillhouse') AND a.grantee = 0
            ) rights GROUP BY object, mend ORDER BY object
            """,
            retry: .idempotent
        )
        if rows.isEmpty { return [.ok("rights of PUBLIC", "none in the schema")] }
        return try rows.map { row throws(PostgresError) in
            Finding(
                .error,
                try row.decode("object"),
                "PUBLIC has \(try row.decode("privileges", as: String.self))",
                because: "every login of the server, not only Stillhouse's, may do that",
                mend: try row.decode("mend")
            )
        }
    }

    /// PostgreSQL's defaults let everybody connect; only the owner of the database can take that back.
    private func databaseRights() async throws(PostgresError) -> [Finding] {
        let rows = try await database.query(
            """
            SELECT string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type) AS privileges,
                format('REVOKE ALL ON DATABASE %I FROM PUBLIC;', d.datname) AS mend
            FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
            WHERE d.datname = current_database() AND a.grantee = 0 GROUP BY d.datname
            UNION ALL SELECT 'CREATE in schema public', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;'
            FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
            WHERE n.nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE'
            """,
            retry: .idempotent
        )
        return try rows.map { row throws(PostgresError) in
            Finding(
                .note,
                "database",
                "PUBLIC has \(try row.decode("privileges", as: String.self))",
                because: "any login of the server may connect here and fill the disk with temporary tables",
                mend: try row.decode("mend")
            )
        }
    }
}
