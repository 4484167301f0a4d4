import Migrations
package import Postgres

/// Whether the database has the schema that this build was written for.
package enum SchemaCheck {
    /// - Throws: when the schema is missing, older or newer, with both numbers and what to run.
    package static func check(_ statuses: [MigrationStatus]) throws(CommandFailure) {
        let own = Migration.all.last?.number ?? 0
        var newest = 0
        var pending: [MigrationStatus] = []
        for status in statuses {
            if status.state == .pending { pending.append(status) } else { newest = max(newest, status.number) }
        }
        if newest > own {
            throw CommandFailure(
                .mismatch,
                """
                The database has schema version \(newest), this build knows versions up to \(own). Use a newer \
                stillhouse, or take the schema back with the build that migrated it: stillhouse migrate down --to \(own)
                """
            )
        }
        if newest == 0, !pending.isEmpty {
            throw CommandFailure(.usage, "The database has no Stillhouse schema yet. Run: stillhouse migrate up")
        }
        if !pending.isEmpty {
            throw CommandFailure(
                .usage,
                """
                The database has schema version \(newest), this build needs \(own). Run: stillhouse migrate up
                """
            )
        }
    }
}
