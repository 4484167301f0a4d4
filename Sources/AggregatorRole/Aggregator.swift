package import Logging
import Models
package import Postgres
import Recipes
import ServiceLifecycle
import Stores
package import Telemetry
package import Tensors

/// The only process that changes weights: it turns the gradients of a step into the next version.
///
/// It keeps nothing that the database does not have. The fence of publication is the head itself: a version becomes
/// the head only as the child of the present one, so two aggregators cannot both be right.
package struct Aggregator: Service {
    private let database: Database
    private let runName: String?
    private let backend: any Backend
    private let notifications: PostgresConfiguration?
    private let faults: FaultInjector
    private let logger: Logger
    private let wakeup = Wakeup()

    /// - Parameter runName: the run to serve until it ends; nil serves the oldest active run, then the next.
    /// - Parameter notifications: where to listen; nil polls only.
    package init(
        database: Database,
        runName: String?,
        backend: any Backend,
        notifications: PostgresConfiguration? = nil,
        faults: FaultInjector = .none,
        logger: Logger
    ) {
        self.database = database
        self.runName = runName
        self.backend = backend
        self.notifications = notifications
        self.faults = faults
        self.logger = logger
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            let settings = try await SettingStore(database).read()
            logger.info("aggregator started")
            while !Self.isShuttingDown {
                guard let run = try await RunStore(database).next(named: runName) else {
                    if runName != nil { break }
                    await wakeup.wait(atMost: settings.pollIdle)
                    continue
                }
                try await serve(run, settings)
            }
            logger.info("aggregator stopped")
        } onGracefulShutdown: { [wakeup] in
            wakeup.ring()
        }
    }

    private static var isShuttingDown: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    /// An error ends the work on a run for a moment only: everything is read again from the head.
    private func serve(_ run: Run, _ settings: Settings) async throws {
        var logger = logger
        logger[metadataKey: LogKeys.run] = .value(run.name)
        do {
            let aggregation = RunAggregation(
                database: database,
                run: run,
                plan: try TrainingPlan(
                    Recipe(json: run.recipe),
                    model: ModelConfiguration(json: Array(run.model.utf8))
                ),
                backend: backend,
                faults: faults,
                logger: logger
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                if let notifications {
                    group.addTask { [wakeup, logger] in
                        await wakeup.listen(to: run.id, at: notifications, logger: logger)
                    }
                }
                defer { group.cancelAll() }
                try await aggregation.work(
                    until: { Self.isShuttingDown },
                    wakeup: wakeup,
                    idlePoll: settings.pollBusy
                )
            }
        } catch let error as PostgresError where error.wasRepeatedInVain && error.category == .connectionLoss {
            throw error
        } catch {
            guard !Self.isShuttingDown else { return }
            logger.error("aggregation failed", metadata: [LogKeys.error: .value(error)])
            await wakeup.wait(atMost: settings.pollIdle)
        }
    }
}
