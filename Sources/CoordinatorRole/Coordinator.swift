package import Logging
package import Postgres
import ServiceLifecycle
import Stores
import Telemetry

/// Plans steps ahead, gives the jobs of dead workers to others, and clears away what nothing needs any more.
///
/// All it knows is in the database, and every chore is safe to run twice at once: it may be killed at any instant, and
/// training goes on without it until the plan runs dry.
package struct Coordinator: Service {
    private let chores: [any Chore]
    private let settings: SettingStore
    private let logger: Logger
    private let wakeup = Wakeup()

    package init(database: Database, logger: Logger) {
        chores = [
            PlanAhead(runs: RunStore(database), steps: StepStore(database), jobs: JobStore(database), logger: logger),
            JobRescuer(jobs: JobStore(database), logger: logger),
            RetentionCleaner(retention: RetentionStore(database), logger: logger),
        ]
        settings = SettingStore(database)
        self.logger = logger
    }

    /// Runs every chore once in each rescue interval until shutdown; an error ends the turn, not the coordinator.
    package func run() async throws {
        try await withGracefulShutdownHandler {
            let settings = try await settings.read()
            logger.info("coordinator started")
            while !Task.isShuttingDownGracefully && !Task.isCancelled {
                for chore in chores where !Task.isShuttingDownGracefully { try await attempt(chore, settings) }
                await wakeup.wait(atMost: settings.rescueInterval)
            }
            logger.info("coordinator stopped")
        } onGracefulShutdown: { [wakeup] in
            wakeup.ring()
        }
    }

    private func attempt(_ chore: some Chore, _ settings: Settings) async throws {
        do {
            try await chore.perform(settings)
        } catch let error as PostgresError where error.wasRepeatedInVain && error.category == .connectionLoss {
            throw error
        } catch {
            // The next turn tries again: nothing that a chore does is due at an exact time.
            logger.error("chore failed", metadata: [LogKeys.reason: .value(chore.name), LogKeys.error: .value(error)])
        }
    }
}
