package import Logging
package import Postgres
import ServiceLifecycle
import Stores
import Telemetry

/// Repairs the ledger after a crash of the database, plans steps ahead, gives the jobs of dead workers to others, and
/// clears away what nothing needs any more.
///
/// All it knows is in the database: it may be killed at any instant, and training goes on without it until the plan runs
/// dry. Of several coordinators one leads; the others stand by and take over when it is gone.
package struct Coordinator: Service {
    private let chores: [any Chore]
    private let settings: SettingStore
    private let leaders: LeaderStore
    private let host: String
    private let logger: Logger
    private let wakeup = Wakeup()

    /// - Parameter leaseDatabase: a connection of its own, so that renewals queue behind no chore.
    /// - Parameter host: where it runs, for people to see.
    package init(database: Database, leaseDatabase: Database, host: String, logger: Logger) {
        chores = [
            CrashRecovery(recovery: RecoveryStore(database), runs: RunStore(database), logger: logger),
            PlanAhead(runs: RunStore(database), steps: StepStore(database), jobs: JobStore(database), logger: logger),
            JobRescuer(jobs: JobStore(database), logger: logger),
            EvaluationKeeper(evaluations: EvaluationStore(database), logger: logger),
            RetentionCleaner(retention: RetentionStore(database), logger: logger),
        ]
        settings = SettingStore(database)
        leaders = LeaderStore(leaseDatabase)
        self.host = host
        self.logger = logger
    }

    /// Leads or stands by until shutdown.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            logger.info("coordinator started")
            var isStandingBy = false
            while !Self.isShuttingDown {
                // Also waits for a database that is away, as long as this process is told to.
                let settings = try await settings.read()
                let leadership = Leadership(leaders: leaders, host: host, settings: settings, logger: logger)
                let outcome = try await leadership.lead(.coordinator) { term in try await work(settings, under: term) }
                if outcome == .standby {
                    if !isStandingBy { logger.notice("standing by: another coordinator leads") }
                    await wakeup.wait(atMost: leadership.standbyPause)
                }
                isStandingBy = outcome == .standby
            }
            logger.info("coordinator stopped")
        } onGracefulShutdown: { [wakeup] in
            wakeup.ring()
        }
    }

    private static var isShuttingDown: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    /// Runs every chore once in each rescue interval; an error ends the turn, not the coordinator.
    private func work(_ settings: Settings, under term: Term) async throws {
        while !Self.isShuttingDown {
            let start = ContinuousClock.now
            for chore in chores where !Self.isShuttingDown { try await attempt(chore, settings, under: term) }
            // A lost job is to be back within a lease and an interval, and the turn itself takes time too; a long one
            // must still leave the database a pause.
            let pause = settings.rescueInterval * 0.9 - (ContinuousClock.now - start)
            await wakeup.wait(atMost: max(pause, settings.rescueInterval / 5))
        }
    }

    /// - Throws: `StoreError.leadershipLost`, and `PostgresError` when the database was away for too long.
    private func attempt(_ chore: some Chore, _ settings: Settings, under term: Term) async throws {
        do {
            try await chore.perform(settings, under: term)
        } catch let error as PostgresError where error.wasRepeatedInVain && error.category == .connectionLoss {
            throw error
        } catch let error as StoreError where error == .leadershipLost(name: term.name) {
            throw error
        } catch {
            // The next turn tries again: nothing that a chore does is due at an exact time.
            guard !Task.isCancelled else { return }
            logger.error("chore failed", metadata: [LogKeys.reason: .value(chore.name), LogKeys.error: .value(error)])
        }
    }
}
