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
/// It keeps nothing that the database does not have. Of several aggregators of a run one leads and the others stand by;
/// a version becomes the head only under the leader's term and only as the child of the present head.
package struct Aggregator: Service {
    private let database: Database
    private let leaders: LeaderStore
    private let host: String
    private let runName: String?
    private let backend: any Backend
    private let notifications: PostgresConfiguration?
    private let faults: FaultInjector
    private let logger: Logger
    private let wakeup = Wakeup()

    /// - Parameter leaseDatabase: a connection of its own, so that renewals queue behind no transfer.
    /// - Parameter host: where it runs, for people to see.
    /// - Parameter runName: the run to serve until it ends; nil serves the oldest active run, then the next.
    /// - Parameter notifications: where to listen; nil polls only.
    package init(
        database: Database,
        leaseDatabase: Database,
        host: String,
        runName: String?,
        backend: any Backend,
        notifications: PostgresConfiguration? = nil,
        faults: FaultInjector = .none,
        logger: Logger
    ) {
        self.database = database
        leaders = LeaderStore(leaseDatabase)
        self.host = host
        self.runName = runName
        self.backend = backend
        self.notifications = notifications
        self.faults = faults
        self.logger = logger
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            let settings = try await SettingStore(database).read()
            let leadership = Leadership(leaders: leaders, host: host, settings: settings, logger: logger)
            logger.info("aggregator started")
            var standby: RunID?
            while !Self.isShuttingDown {
                guard let run = try await RunStore(database).next(named: runName) else {
                    if runName != nil { break }
                    await wakeup.wait(atMost: settings.pollIdle)
                    continue
                }
                let outcome = try await leadership.lead(.aggregator(of: run.id)) { term in
                    try await serve(run, settings, under: term)
                }
                if outcome == .standby {
                    if standby != run.id {
                        logger.notice(
                            "standing by: another aggregator leads this run",
                            metadata: [LogKeys.run: .value(run.name)]
                        )
                    }
                    await wakeup.wait(atMost: leadership.standbyPause)
                }
                standby = outcome == .standby ? run.id : nil
            }
            logger.info("aggregator stopped")
        } onGracefulShutdown: { [wakeup] in
            wakeup.ring()
        }
    }

    private static var isShuttingDown: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    /// Leads a run to its end. An error ends the work for a moment only, not the leadership: no other aggregator would
    /// fare better, and everything is read again from the head.
    private func serve(_ run: Run, _ settings: Settings, under term: Term) async throws {
        while !Self.isShuttingDown {
            try await aggregate(run, settings, under: term)
            guard let head = try await RunStore(database).head(of: run.id), !head.state.isOver else { return }
        }
    }

    /// - Throws: `StoreError.leadershipLost` only.
    private func aggregate(_ run: Run, _ settings: Settings, under term: Term) async throws {
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
                term: term,
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
        } catch let error as StoreError where error == .leadershipLost(name: term.name) {
            throw error
        } catch {
            guard !Self.isShuttingDown else { return }
            logger.error("aggregation failed", metadata: [LogKeys.error: .value(error)])
            await wakeup.wait(atMost: settings.pollIdle)
        }
    }
}
