package import Postgres

/// Leases by which one process of each name leads; see `Leadership` for who keeps them.
package struct LeaderStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Takes a lease that nobody holds; once more with the same session, as after a lost reply, it gives the same term.
    ///
    /// - Parameter session: drawn anew for each candidacy.
    /// - Returns: nil while somebody else's lease runs.
    package func acquire(_ name: LeaderName, session: SessionID, host: String) async throws -> Term? {
        try await database.transaction(retry: .idempotent) { transaction in
            try Self.limitLockWait(in: transaction)
            if let term = try Self.renew(name, session: session, in: transaction) { return term }
            let rows = try transaction.query(
                """
                UPDATE stillhouse.leader l SET term = l.term + 1, session = \(session), host = \(host),
                    started_at = clock_timestamp(),
                    expires_at = clock_timestamp() + make_interval(secs => s.leader_ttl_s)
                FROM stillhouse.setting s WHERE l.name = \(name) AND l.expires_at <= clock_timestamp()
                RETURNING l.term
                """
            )
            let first = rows.isEmpty ? try Self.insert(name, session: session, host: host, in: transaction) : rows
            guard let row = first.first else { return nil }
            let term = Term(name: name, session: session, number: try row.decode("term"))
            let detail = ["name": name.rawValue, "term": String(term.number), "host": host]
            try EventStore.record("leader_changed", of: name.run, detail: detail, in: transaction)
            return term
        }
    }

    /// Extends the lease.
    /// - Returns: false when somebody else has taken over: step down.
    package func renew(_ term: Term) async throws -> Bool {
        try await database.transaction { transaction in
            try Self.limitLockWait(in: transaction)
            return try Self.renew(term.name, session: term.session, number: term.number, in: transaction) != nil
        }
    }

    /// Ends the lease now, so that a standby takes over with its next look.
    /// - Returns: false when it was somebody else's already.
    @discardableResult
    package func resign(_ term: Term) async throws -> Bool {
        try await database.transaction { transaction in
            try Self.limitLockWait(in: transaction)
            return try transaction.execute(
                """
                UPDATE stillhouse.leader SET expires_at = clock_timestamp()
                WHERE (name, term, session) = (\(term.name), \(term.number), \(term.session))
                """
            ) == 1
        }
    }

    /// Every name that was ever led.
    package func list() async throws(PostgresError) -> [Leader] {
        try await database.query(
            """
            SELECT name, term, host, started_at, expires_at > clock_timestamp() AS is_leading
            FROM stillhouse.leader ORDER BY name
            """,
            retry: .idempotent
        ).map { row throws(PostgresError) in try Leader(row) }
    }

    /// A transaction of the old leader holds off takeover until it ends; longer than an interval is the next look's. And
    /// who freezes with the row in hand must not keep it for longer than the lease.
    private static func limitLockWait(in transaction: borrowing Transaction) throws(PostgresError) {
        try transaction.execute(
            """
            SELECT set_config('lock_timeout', ceil(1000 * leader_renewal_s)::bigint || 'ms', true),
                set_config('idle_in_transaction_session_timeout', ceil(1000 * leader_ttl_s)::bigint || 'ms', true)
            FROM stillhouse.setting
            """
        )
    }

    private static func renew(
        _ name: LeaderName,
        session: SessionID,
        number: Int? = nil,
        in transaction: borrowing Transaction
    ) throws -> Term? {
        let rows = try transaction.query(
            """
            UPDATE stillhouse.leader l
            SET expires_at = clock_timestamp() + make_interval(secs => s.leader_ttl_s)
            FROM stillhouse.setting s
            WHERE (l.name, l.session) = (\(name), \(session)) AND l.term = coalesce(\(number)::bigint, l.term)
            RETURNING l.term
            """
        )
        return try rows.first.map { row in Term(name: name, session: session, number: try row.decode("term")) }
    }

    private static func insert(
        _ name: LeaderName,
        session: SessionID,
        host: String,
        in transaction: borrowing Transaction
    ) throws(PostgresError) -> [Row] {
        try transaction.query(
            """
            INSERT INTO stillhouse.leader (name, session, host, expires_at)
            SELECT \(name), \(session), \(host), clock_timestamp() + make_interval(secs => leader_ttl_s)
            FROM stillhouse.setting ON CONFLICT DO NOTHING RETURNING term
            """
        )
    }
}
