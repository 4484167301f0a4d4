import AggregatorRole
import CoordinatorRole
import Foundation
import Layers
import Logging
import Postgres
import Recipes
import ServiceLifecycle
import Stores
import Telemetry
import Tensors
import Transfers
import WorkerRole

/// Trains a run to its end with all roles in this process, on a server of its own.
struct E2EBenchmark {
    let recipe: Recipe
    /// Holds the workers' weights.
    let directory: URL
    let workerCount: Int
    let threadCount: Int
    /// Steps that are not counted.
    let warmup: Int
    let listens: Bool
    let overlaps: Bool

    private let logger = Logger(label: "bench") { StreamLogHandler(label: $0, format: .text, level: .error) }

    func run() async throws -> E2EReport {
        try await BenchDatabase.onPrivateServer { try await measure($0.configuration) }
    }

    private func measure(_ configuration: PostgresConfiguration) async throws -> E2EReport {
        let database = Database(configuration, logger: logger)
        let created = try await RunCreation(database: database, backend: CPUBackend.onAllCores())
            .create(name: "bench", recipe: recipe)
        let before = try await yardstick(database)
        let recorder = E2ERecorder()
        try await services(configuration, recorder).run()
        let head = try await RunStore(database).head(of: created.id)
        guard head?.state == .finished else {
            throw CommandFailure(.broken, "The run ended early: \(head?.reason ?? "no reason is known").")
        }
        let after = try await yardstick(database)
        await database.close()
        return E2EReport(
            recorder.record,
            setup: E2EReport.Setup(
                model: recipe.model,
                parameterCount: created.plan.student.count,
                payloadCount: created.plan.payloadCount,
                jobsPerStep: recipe.aggregation.jobsPerStep,
                workers: workerCount,
                threads: threadCount,
                warmup: warmup
            ),
            yardstick: E2EReport.Yardstick(
                roundTrip: min(before.roundTrip, after.roundTrip),
                commit: min(before.commit, after.commit)
            )
        )
    }

    private func yardstick(_ database: Database) async throws -> E2EReport.Yardstick {
        let yardstick = RoundTripYardstick(database)
        return E2EReport.Yardstick(
            roundTrip: try await Self.median(of: 200) { try await yardstick.make() },
            commit: try await Self.median(of: 50) { try await yardstick.commit() }
        )
    }

    private static func median(of count: Int, _ work: () async throws -> Void) async throws -> Duration {
        var times: [Duration] = []
        for _ in 0..<count { times.append(try await ContinuousClock().measure { try await work() }) }
        return times.sorted()[count / 2]
    }

    private func services(_ configuration: PostgresConfiguration, _ recorder: E2ERecorder) throws -> ServiceGroup {
        let host = "bench"
        let open = { (name: String) in Database(configuration, logger: logger, name: name) }
        let coordinator = Coordinator(
            database: open("coordinator"),
            leaseDatabase: open("lease"),
            host: host,
            logger: logger
        )
        let aggregator = Aggregator(
            database: open("aggregator"),
            leaseDatabase: open("lease"),
            host: host,
            runName: "bench",
            backend: CPUBackend.onAllCores(),
            notifications: listens ? configuration : nil,
            onVersion: { recorder.note($0) },
            logger: logger
        )
        let workers = try (0..<workerCount).map { index in
            Worker(
                Worker.Configuration(
                    runName: "bench",
                    description: WorkerDescription(
                        host: host,
                        device: "cpu",
                        build: Build.version,
                        numericProfile: CPUBackend.numericProfile
                    ),
                    overlaps: overlaps,
                    onJob: { recorder.note($0, of: index) }
                ),
                database: open("worker"),
                heartbeatDatabase: open("beats"),
                cache: try WeightCache(
                    directory: directory.appendingPathComponent("cache-\(index)", isDirectory: true),
                    capacity: 8 << 30
                ),
                backend: CPUBackend(threadCount: threadCount),
                notifications: listens ? configuration : nil,
                logger: logger
            )
        }
        // The aggregator ends after the last checkpoint, and with it all others.
        var configuration = ServiceGroupConfiguration(services: [coordinator], logger: logger)
        configuration.services += workers.map { worker in
            ServiceGroupConfiguration.ServiceConfiguration(service: worker, successTerminationBehavior: .ignore)
        }
        configuration.services.append(
            .init(service: aggregator, successTerminationBehavior: .gracefullyShutdownGroup)
        )
        return ServiceGroup(configuration: configuration)
    }
}
