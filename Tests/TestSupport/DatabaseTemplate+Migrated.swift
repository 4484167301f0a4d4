import Migrations
import Postgres

extension DatabaseTemplate {
    /// The schema of this build, without a run in it.
    package static let migrated = DatabaseTemplate("migrated") { database in
        try await Migrator(Migration.all, logger: TemporaryDatabase.silentLogger).up(database)
    }
}
