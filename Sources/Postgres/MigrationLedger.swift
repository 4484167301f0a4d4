/// Which migrations a database has had, and whether this build's fit them.
struct MigrationLedger {
    struct Entry: Hashable {
        let number: Int
        let name: String
        let checksum: String
    }

    /// Ascending by number.
    let entries: [Entry]

    func contains(_ migration: Migration) -> Bool { entries.contains { $0.number == migration.number } }

    /// Compares with what this build knows.
    /// - Parameter checksums: of `migrations`, in the same order.
    func check(against migrations: [Migration], checksums: [String]) throws(PostgresError) {
        let newest = migrations.last?.number ?? 0
        if let newer = entries.last, newer.number > newest {
            throw PostgresError(
                .migration,
                "the database's schema is at number \(newer.number) (\(newer.name)), this build knows up to \(newest)",
                nextStep:
                    "Use a build of stillhouse that knows number \(newer.number), or let that one migrate down to "
                    + "\(newest)"
            )
        }
        for (migration, checksum) in zip(migrations, checksums) {
            let entry = entries.first { $0.number == migration.number }
            if let entry, entry.checksum != checksum {
                throw PostgresError(
                    .migration,
                    "\(migration) differs from the one that the database has had: checksum "
                        + "\(checksum.prefix(12))… here, \(entry.checksum.prefix(12))… there",
                    nextStep: "Use the build that applied it, or put the change into a new migration"
                )
            }
            if entry == nil, let later = entries.first(where: { $0.number > migration.number }) {
                throw PostgresError(
                    .migration,
                    "the database has had number \(later.number) (\(later.name)) but not \(migration)",
                    nextStep: "Give \(migration.name) a number after \(later.number)"
                )
            }
        }
        if let stranger = entries.first(where: { entry in !migrations.contains { $0.number == entry.number } }) {
            throw PostgresError(
                .migration,
                "the database has had number \(stranger.number) (\(stranger.name)), which this build leaves out",
                nextStep: "Use the build that applied it"
            )
        }
    }
}
