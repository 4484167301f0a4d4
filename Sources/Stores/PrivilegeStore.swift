package import Postgres

/// What the database still permits to everybody.
package struct PrivilegeStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// The statements by which an administrator closes what the migrations could not; none when all is closed.
    package func openDoors() async throws(PostgresError) -> [String] {
        try await database.query(
            """
            SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC; GRANT CONNECT ON DATABASE %I TO '
                'stillhouse_owner, stillhouse_worker, stillhouse_reader;', datname, datname) AS remedy
            FROM pg_database d
            WHERE datname = current_database() AND EXISTS (
                SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                WHERE a.grantee = 0 AND a.privilege_type IN ('CONNECT', 'TEMPORARY')
            )
            UNION ALL
            SELECT 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;' FROM pg_namespace n
            WHERE nspname = 'public' AND EXISTS (
                SELECT FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
                WHERE a.grantee = 0 AND a.privilege_type = 'CREATE'
            )
            UNION ALL
            SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC;',
                string_agg(format('pg_catalog.%s', p.oid::regprocedure), ', ' ORDER BY p.oid))
            FROM pg_proc p
            WHERE p.pronamespace = 'pg_catalog'::regnamespace
                AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea') AND EXISTS (
                    SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0
                )
            HAVING count(*) > 0
            """
        ).map { row throws(PostgresError) in try row.decode("remedy") }
    }
}
