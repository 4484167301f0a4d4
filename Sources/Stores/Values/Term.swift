package import Postgres

/// One process's time as a leader: the fence of everything that it changes.
///
/// Its number only grows, also over resignations and crashes. Both number and session are compared, as a failover to a
/// standby database may hand out a number twice.
package struct Term: Hashable, Sendable {
    package let name: LeaderName
    package let session: SessionID
    package let number: Int

    init(name: LeaderName, session: SessionID, number: Int) {
        (self.name, self.session, self.number) = (name, session, number)
    }

    /// Makes sure that the term still stands, and holds off any takeover until the transaction ends.
    ///
    /// The server ends the session of whoever then falls silent for a lease, so that a frozen leader's locks are no longer
    /// in the way than its lease was.
    ///
    /// The first statement of every transaction by which a leader changes anything. Whether the lease has run out does
    /// not matter: nobody has taken it over, and nobody will before the end of this transaction.
    /// - Throws: `StoreError.leadershipLost`.
    package func hold(in transaction: borrowing Transaction) throws {
        let held = try transaction.execute(
            """
            SELECT set_config('idle_in_transaction_session_timeout', ceil(1000 * s.leader_ttl_s)::bigint || 'ms', true)
            FROM stillhouse.leader l CROSS JOIN stillhouse.setting s
            WHERE (l.name, l.term, l.session) = (\(name), \(number), \(session)) FOR KEY SHARE OF l
            """
        )
        guard held == 1 else { throw StoreError.leadershipLost(name: name) }
    }
}
