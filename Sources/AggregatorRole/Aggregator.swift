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
/// It keeps nothing that the database could not give back. Of several aggregators of a run one leads and the others stand by;
/// a version becomes the head only under the leader's term and only as the child of the present head.
package struct Aggregator: Service {
    private let database: Database
    private let leaders: LeaderStore
    private let host: String
    private let runName: String?
    private let backend: any Backend
    private let notifications: PostgresConfiguration?
    private let onVersion: (@Sendable (VersionTimings) -> Void)?
    private let faults: FaultInjector
    private let logger: Logger
    private let wakeup = Wakeup()

    /// - Parameter leaseDatabase: a connection of its own, so that renewals queue behind no transfer.
    /// - Parameter host: where it runs, for people to see.
    /// - Parameter runName: the run to serve until it ends; nil serves the oldest active run, then the next.
    /// - Parameter notifications: where to listen; nil polls only.
    /// - Parameter onVersion: told of every version that was published.
    package init(
        database: Database,
        leaseDatabase: Database,
        host: String,
        runName: String?,
        backend: any Backend,
        notifications: PostgresConfiguration? = nil,
        onVersion: (@Sendable (VersionTimings) -> Void)? = nil,
        faults: FaultInjector = .none,
        logger: Logger
    ) {
        self.database = database
        leaders = LeaderStore(leaseDatabase)
        self.host = host
        self.runName = runName
        self.backend = backend
        self.notifications = notifications
        self.onVersion = onVersion
        self.faults = faults
        self.logger = logger
    }

    package func run() async throws {
        try await withGracefulShutdownHandler {
            let settings = try await SettingStore(database).read()
            let leadership = Leadership(leaders: leaders, host: host, settings: settings, logger: logger)
            logger.info("aggregator started")
            var aggregation: RunAggregation?
            while !Self.isShuttingDown {
                guard let run = try await RunStore(database).next(named: runName) else {
                    if runName != nil { break }
                    await wakeup.wait(atMost: settings.pollIdle)
                    continue
                }
                // Kept over a lease that was lost: who leads again and finds the head that it holds goes on from there.
                let current = try prepare(run, settings, keeping: aggregation)
                let isNew = current !== aggregation
                aggregation = current
                let outcome = try await leadership.lead(.aggregator(of: run.id)) { term in
                    try await serve(run, current, settings, under: term)
                }
                guard outcome == .standby else { continue }
                if isNew { current.logger.notice("standing by: another aggregator leads this run") }
                await wakeup.wait(atMost: leadership.standbyPause)
            }
            logger.info("aggregator stopped")
        } onGracefulShutdown: { [wakeup] in
            wakeup.ring()
        }
    }

    private static var isShuttingDown: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    private func prepare(
        _ run: Run,
        _ settings: Settings,
        keeping former: RunAggregation?
    ) throws -> RunAggregation {
        if let former, former.run.id == run.id { return former }
        var logger = logger
        logger[metadataKey: LogKeys.run] = .value(run.name)
        let plan = try TrainingPlan(Recipe(json: run.recipe), model: ModelConfiguration(json: Array(run.model.utf8)))
        return RunAggregation(
            database: database,
            run: run,
            rule: UpdateRule(plan),
            backend: backend,
            settings: settings,
            onVersion: onVersion,
            faults: faults,
            logger: logger
        )
    }

    /// Leads a run to its end. An error ends the work for a moment only, not the leadership: no other aggregator would
    /// fare better.
    /// - Throws: `StoreError.leadershipLost`, or what the database says after it has been away for too long.
    private func serve(
        _ run: Run,
        _ aggregation: RunAggregation,
        _ settings: Settings,
        under term: Term
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let notifications {
                group.addTask { [wakeup] in
                    await wakeup.listen(to: run.id, at: notifications, logger: aggregation.logger)
                }
            }
            defer { group.cancelAll() }
            while !Self.isShuttingDown {
                do {
                    return try await aggregation.work(under: term, until: { Self.isShuttingDown }, wakeup: wakeup)
                } catch let error as StoreError where error == .leadershipLost(name: term.name) {
                    throw error
                } catch let error as PostgresError where error.wasRepeatedInVain && error.category == .connectionLoss {
                    throw error
                } catch {
                    guard !Self.isShuttingDown else { return }
                    aggregation.logger.error("aggregation failed", metadata: [LogKeys.error: .value(error)])
                    await wakeup.wait(atMost: settings.pollIdle)
                }
            }
        }
    }
}
