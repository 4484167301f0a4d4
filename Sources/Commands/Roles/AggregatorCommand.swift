import AggregatorRole
import ArgumentParser
import Foundation
import Postgres
import Telemetry
import Tensors

/// `aggregator`: turns gradients into versions.
struct AggregatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aggregator",
        abstract: "Sum the gradients of each step, apply the optimizer, publish the next version.",
        subcommands: [Start.self]
    )

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve a run, or one active run after the other, until stopped.",
            discussion: """
                Start it beside the database: every gradient passes through it. It needs no images. A second one of the \
                same run stands by and takes over within twenty seconds.

                \(ExitStatus.table)
                """
        )

        @OptionGroup var daemon: DaemonOptions

        @Option(help: "Serve this run only, and exit when it ends.")
        var run: String?

        func run() async throws {
            let logger = daemon.logging.logger("aggregator")
            try await RoleService(logger: logger, drainLimit: RoleService.leaderDrainLimit).run {
                Aggregator(
                    database: try await daemon.open(logger),
                    leaseDatabase: try await daemon.leaseDatabase(logger),
                    host: ProcessInfo.processInfo.hostName,
                    runName: run,
                    backend: CPUBackend.onAllCores(),
                    notifications: try daemon.notifications(),
                    faults: try FaultOption.injector(),
                    logger: logger
                )
            }
        }
    }
}
