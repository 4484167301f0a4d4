package import Postgres

/// Repairs the ledger after a crash of the database, and takes runs back to versions that outlived it.
///
/// PostgreSQL empties UNLOGGED tables when it recovers from a crash, and with them the one row of `sentinel`: that row
/// missing is how a crash is noticed. Until it is back nothing is claimed, published or judged.
package struct RecoveryStore: Sendable {
    private let database: Database

    package init(_ database: Database) { self.database = database }

    /// Puts the ledger in agreement with what is left of the payloads, and then sets the sentinel; all or nothing.
    ///
    /// Submitted gradients without their parts are lost and their jobs available, without charge. Versions without their
    /// chunks are retired, drafts abandoned. A head without its chunks is marked: the run waits until an aggregator that
    /// still has it in memory brings it back, or until it is rewound.
    /// - Returns: nil when there was no crash, or another coordinator has repaired it.
    package func reconcile(under term: Term) async throws -> CrashReport? {
        let sentinels = try await database.query("SELECT FROM stillhouse.sentinel", retry: .idempotent)
        guard sentinels.isEmpty else { return nil }
        return try await database.transaction(retry: .idempotent) { transaction in
            try term.hold(in: transaction)
            return try Reconciliation().run(in: transaction)
        }
    }

    /// Takes a run back to a durable version, from which everything after it is computed again.
    ///
    /// - Parameter number: of the version to go back to, or to stay at or below; nil for the newest durable one.
    /// - Parameter reason: recorded with the event.
    /// - Parameter term: the coordinator's; nil for an operator, who leads nothing.
    /// - Returns: nil when that version is the head already.
    /// - Throws: `StoreError.durableVersionMissing`.
    @discardableResult
    package func rewind(_ run: RunID, to number: Int? = nil, reason: String, under term: Term?) async throws -> Rewind?
    {
        try await database.transaction(retry: .idempotent) { transaction in
            try term?.hold(in: transaction)
            return try RunRewind(run: run, number: number, reason: reason).run(in: transaction)
        }
    }

    /// Rewinds a run whose head nobody has brought back for longer than `Settings.restorePatience`.
    /// - Returns: nil when there is still time, or the head is back.
    package func rewindIfOverdue(_ run: RunID, under term: Term) async throws -> Rewind? {
        let rewind = RunRewind(run: run, number: nil, reason: "nobody restored the head in time", isOnlyIfOverdue: true)
        return try await database.transaction(retry: .idempotent) { transaction in
            try term.hold(in: transaction)
            return try rewind.run(in: transaction)
        }
    }

    /// What `rewind` would do: does it and undoes it, so that the numbers are those of the ledger.
    package func previewRewind(_ run: RunID, to number: Int? = nil) async throws -> Rewind? {
        do {
            return try await database.transaction(retry: .idempotent) { transaction in
                guard let rewind = try RunRewind(run: run, number: number, reason: "").run(in: transaction) else {
                    return nil
                }
                throw Undone(rewind: rewind)
            }
        } catch let undone as Undone {
            return undone.rewind
        }
    }

    private struct Undone: Error {
        let rewind: Rewind
    }
}
