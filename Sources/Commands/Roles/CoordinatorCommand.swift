import ArgumentParser
import CoordinatorRole
import Foundation
import Postgres
import Telemetry

/// `coordinator`: plans, rescues, cleans up.
struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract: "Plan steps, give the jobs of dead workers to others, delete what nothing needs.",
        subcommands: [Start.self]
    )

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve every run of the database until stopped.",
            discussion: """
                One is enough, anywhere; it needs no images. A second one stands by and takes over within twenty seconds. \
                Training goes on for a while without any.

                \(ExitStatus.table)
                """
        )

        @OptionGroup var daemon: DaemonOptions

        func run() async throws {
            let logger = daemon.logging.logger("coordinator")
            try await RoleService(logger: logger, drainLimit: RoleService.leaderDrainLimit).run {
                Coordinator(
                    database: try await daemon.open(logger),
                    leaseDatabase: try await daemon.leaseDatabase(logger),
                    host: ProcessInfo.processInfo.hostName,
                    logger: logger
                )
            }
        }
    }
}
