package import Logging
import Migrations
package import Postgres
import Stores

/// All questions, in the order in which a reader wants the answers.
package struct Doctor: Sendable {
    private let machine: Machine
    private let logger: Logger

    package init(_ machine: Machine, logger: Logger) { (self.machine, self.logger) = (machine, logger) }

    /// Looks at the machine, then at the database; one that cannot be reached is a finding like others.
    package func examine(_ configuration: () throws -> PostgresConfiguration) async -> DoctorReport {
        var report = DoctorReport()
        await report.add("Machine", machineChecks)
        do {
            let database = Database(try configuration(), logger: logger, name: "doctor")
            do {
                try await database.connect()
                for (title, checks) in databaseChecks(database) { await report.add(title, checks) }
                await database.close()
            } catch {
                await database.close()
                throw error
            }
        } catch {
            report.addUnreachable(error)
        }
        return report
    }

    private var machineChecks: [any Check] {
        [
            KernelCheck(machine), ThreadCheck(machine), MemoryCheck(machine), OpenFilesCheck(machine),
            CacheCheck(machine.cache),
        ]
    }

    private func databaseChecks(_ database: Database) -> [(String, [any Check])] {
        let migrator = Migrator(Migration.all, logger: logger)
        return [
            (
                "Server",
                [
                    ServerCheck(database), SettingsCheck(database), ConnectionCheck(database), TransportCheck(database),
                    NotificationCheck(database, logger: logger), ClockCheck(database), DiskCheck(database),
                ]
            ),
            (
                "Schema",
                [
                    MigrationCheck(database, migrator: migrator),
                    DriftCheck(database, Migration.all, migrator: migrator), RoleCheck(database),
                ]
            ),
            (
                "Traffic",
                [TransactionCheck(database), RetainedHistoryCheck(database), VacuumCheck(database)]
            ),
            ("Runs", [CrashCheck(database), LeaderCheck(database), RunCheck(database)]),
        ]
    }
}
