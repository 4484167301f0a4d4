package import Postgres

/// Logins of the groups that the migrations make. Statements about roles take no bound values, hence the quoting.
package struct LoginStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Makes a login whose password is stored as a SCRAM verifier that is computed on this side.
    /// - Throws: `StoreError.loginExists`, `.loginRejected`; a permission error without the right to make roles.
    package func create(_ name: String, as role: LoginRole, password: String, connectionLimit: Int) async throws {
        guard name.wholeMatch(of: /[a-z_][a-z0-9_.-]{0,62}/) != nil, !name.hasPrefix("pg_") else {
            throw StoreError.loginRejected(
                name: name,
                reason: "names have up to 63 lower-case letters, digits, dots, dashes, underscores, and no pg_ in front"
            )
        }
        guard password.utf8.count >= 12 else {
            throw StoreError.loginRejected(name: name, reason: "its password has fewer than 12 bytes")
        }
        let verifier = try await database.verifier(of: password, for: name)
        let login = Query.quoted(identifier: name)
        do {
            try await database.transaction { transaction in
                try transaction.script(
                    """
                    CREATE ROLE \(login) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION INHERIT
                        CONNECTION LIMIT \(connectionLimit) PASSWORD \(Query.quoted(literal: verifier));
                    GRANT \(role.group) TO \(login);
                    ALTER ROLE \(login) SET statement_timeout = '\(role.statementTimeout)';
                    ALTER ROLE \(login) SET idle_in_transaction_session_timeout = '60s';
                    """,
                    statement: "create(_:as:password:connectionLimit:)"
                )
            }
        } catch let error as PostgresError where error.sqlState == .duplicateObject {
            throw StoreError.loginExists(name: name)
        }
    }

    /// Members of the groups that can log in or once could, by name.
    package func list() async throws(PostgresError) -> [Login] {
        try await database.query(Self.selection, retry: .idempotent).map { row throws(PostgresError) in try Login(row) }
    }

    /// Locks a login out: no new connection, its sessions closed, its jobs given back without charge, and its
    /// connections ended.
    package func revoke(_ name: String) async throws -> LoginRevocation {
        let login = Query.quoted(identifier: name)
        let released = try await database.transaction { transaction in
            let known = try transaction.query("\(unescaped: Self.selection.sql)").contains { row in
                try Login(row).name == name
            }
            guard known else { throw StoreError.loginUnknown(name: name) }
            try transaction.script("ALTER ROLE \(login) NOLOGIN", statement: "revoke(_:)")
            let row = try transaction.one(
                """
                WITH closed AS (
                    UPDATE stillhouse.worker_session SET state = 'closed', ended_at = clock_timestamp()
                    WHERE login = \(name) AND state <> 'closed' RETURNING session
                ), held AS MATERIALIZED (
                    SELECT j.job_id FROM stillhouse.job j JOIN closed c ON c.session = j.worker_session
                    WHERE j.state = 'running' ORDER BY j.job_id FOR UPDATE OF j
                ), freed AS (
                    UPDATE stillhouse.job j SET state = 'available', worker_session = NULL, deadline_at = NULL
                    FROM held h WHERE j.job_id = h.job_id RETURNING j.job_id, j.attempt
                ), ended AS (
                    UPDATE stillhouse.job_attempt a
                    SET outcome = 'released', ended_at = clock_timestamp(), error = 'login revoked'
                    FROM freed f WHERE (a.job_id, a.attempt) = (f.job_id, f.attempt)
                ), noted AS (
                    INSERT INTO stillhouse.event (kind, detail)
                    VALUES ('login_revoked', jsonb_build_object('login', \(name)::text))
                )
                SELECT (SELECT count(*) FROM closed) AS sessions, (SELECT count(*) FROM freed) AS jobs
                """
            )
            return (sessions: try row.decode("sessions", as: Int.self), jobs: try row.decode("jobs", as: Int.self))
        }
        return LoginRevocation(
            sessionCount: released.sessions,
            jobCount: released.jobs,
            connectionCount: try await disconnect(name)
        )
    }

    /// After the commit that locks the login out, or it could come back at once.
    private func disconnect(_ name: String) async throws(PostgresError) -> Int? {
        do {
            return try await database.query(
                """
                SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) AS connections
                FROM pg_stat_activity WHERE usename = \(name)
                """
            ).first?.decode("connections")
        } catch {
            if error.sqlState == .insufficientPrivilege { return nil }
            throw error
        }
    }

    private static let selection: Query = """
        SELECT r.rolname AS name, r.rolcanlogin AS is_admitted, array_agg(g.rolname::text) AS groups,
            CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit END AS connection_limit,
            (SELECT count(*) FROM pg_stat_activity a WHERE a.usename = r.rolname AND a.datname = current_database())
                AS connections
        FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid JOIN pg_roles g ON g.oid = m.roleid
        WHERE g.rolname IN ('stillhouse_owner', 'stillhouse_worker', 'stillhouse_reader')
            AND r.rolname NOT IN ('stillhouse_owner', 'stillhouse_worker', 'stillhouse_reader') AND NOT r.rolsuper
        GROUP BY r.rolname, r.rolcanlogin, r.rolconnlimit ORDER BY r.rolname
        """
}

extension SQLState {
    static let duplicateObject = SQLState(rawValue: "42710")
}
