import ArgumentParser
import Foundation
import Postgres
import Stores
import Telemetry
import Tensors
import Transfers
import WorkerRole

/// `worker`: computes gradients.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Claim jobs, compute their gradients, submit them.",
        subcommands: [Start.self]
    )

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve a run, or one active run after the other, until stopped.",
            discussion: """
                Start as many as you like, on as many machines as you like; they may die at any moment. Recipe and \
                weights come from the database, images from where the recipe says or from --images. SIGTERM, SIGINT \
                and SIGHUP finish the job in hand; a second signal gives it back at once.

                \(ExitStatus.table)
                """
        )

        @OptionGroup var daemon: DaemonOptions

        @Option(help: "Serve this run only, and exit when it ends.")
        var run: String?

        @Option(help: "Directory or http(s) address of the images on this machine, instead of the recipe's.")
        var images: String?

        @Option(help: "COCO annotations on this machine, instead of the recipe's.")
        var annotations: String?

        @Option(help: "Index file from `stillhouse dataset index`, which spares reading every image's header.")
        var index: String?

        @Option(help: "Compute threads. The results do not depend on it.")
        var threads: Int = ProcessInfo.processInfo.activeProcessorCount

        @Option(help: "Directory for weights, kept between starts. By default below XDG_CACHE_HOME.")
        var cache: String?

        @Option(help: "Largest size of that directory in gigabytes; 0 for no cache.")
        var cacheSize: Double = 20

        @Option(help: "Seconds that the job in hand may take after SIGTERM or `workers drain`; then it is given back.")
        var drainTimeout: Double = 60

        func validate() throws {
            if threads < 1 { throw ValidationError("--threads is \(threads); at least one thread computes.") }
            if cacheSize < 0 { throw ValidationError("--cache-size is \(cacheSize); it cannot be negative.") }
            if drainTimeout < 0 { throw ValidationError("--drain-timeout is \(drainTimeout); it cannot be negative.") }
        }

        func run() async throws {
            let logger = daemon.logging.logger("worker")
            try await RoleService(logger: logger).run {
                Worker(
                    Worker.Configuration(
                        runName: run,
                        images: ImageSource(root: images, annotations: annotations, index: index),
                        description: WorkerDescription(
                            host: ProcessInfo.processInfo.hostName,
                            device: "cpu",
                            build: Build.version,
                            numericProfile: CPUBackend.numericProfile
                        ),
                        drainLimit: .seconds(drainTimeout),
                        patience: daemon.patience
                    ),
                    database: try await daemon.open(logger),
                    heartbeatDatabase: try await daemon.leaseDatabase(logger),
                    cache: try openCache(),
                    backend: CPUBackend(threadCount: threads),
                    notifications: try daemon.notifications(),
                    faults: try FaultOption.injector(),
                    logger: logger
                )
            } leavingAtOnce: { worker in
                await worker.leaveAtOnce()
            }
        }

        private func openCache() throws -> WeightCache? {
            guard cacheSize > 0 else { return nil }
            let directory = cache ?? ProcessEnvironment[.cacheDirectory] ?? ProcessEnvironment.cacheDirectory
            return try WeightCache(
                directory: URL(fileURLWithPath: directory, isDirectory: true),
                capacity: Int(cacheSize * 1e9)
            )
        }
    }
}
