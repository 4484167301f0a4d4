import Checkpoints
import Datasets
package import Logging
import Models
import Objectives
package import Postgres
import Recipes
import ServiceLifecycle
package import Stores
import Synchronization
package import Telemetry
package import Tensors
package import Transfers

/// Claims jobs, computes their gradients, submits them; joins and leaves whenever it likes.
package final class Worker: Service {
    package struct Configuration: Sendable {
        /// The run to serve until it ends; nil serves the oldest active run, then the next.
        package var runName: String?
        package var images: ImageSource
        package var description: WorkerDescription
        /// How long what is in hand may take after the first SIGTERM, or an operator's drain, before it is given back.
        package var drainLimit: Duration
        /// How long a database is asked again that answers but is not ready to take results.
        package var patience: Duration
        /// Whether a gradient of several parts is handed in beside the next computation; false to see what that brings.
        package var overlaps: Bool
        /// Told of every job that was submitted.
        package var onJob: (@Sendable (JobTimings) -> Void)?

        package init(
            runName: String? = nil,
            images: ImageSource = ImageSource(),
            description: WorkerDescription,
            drainLimit: Duration = .seconds(60),
            patience: Duration = .seconds(900),
            overlaps: Bool = true,
            onJob: (@Sendable (JobTimings) -> Void)? = nil
        ) {
            self.runName = runName
            self.images = images
            self.description = description
            self.drainLimit = drainLimit
            self.patience = patience
            self.overlaps = overlaps
            self.onJob = onJob
        }
    }

    private let configuration: Configuration
    private let database: Database
    private let heartbeatDatabase: Database
    private let cache: WeightCache?
    private let backend: any Backend
    private let notifications: PostgresConfiguration?
    private let faults: FaultInjector
    private let logger: Logger
    private let wakeup = Wakeup()
    private let openSession = Mutex<SessionID?>(nil)

    /// - Parameter heartbeatDatabase: a connection of its own, so that beats queue behind no transfer; one without
    ///   patience, see `Heartbeat`.
    /// - Parameter notifications: where to listen; nil polls only.
    package init(
        _ configuration: Configuration,
        database: Database,
        heartbeatDatabase: Database,
        cache: WeightCache?,
        backend: any Backend,
        notifications: PostgresConfiguration? = nil,
        faults: FaultInjector = .none,
        logger: Logger
    ) {
        self.configuration = configuration
        self.database = database
        self.heartbeatDatabase = heartbeatDatabase
        self.cache = cache
        self.backend = backend
        self.notifications = notifications
        self.faults = faults
        self.logger = logger
    }

    /// Works until the run that it was named is over, or until told to leave.
    ///
    /// - Throws: `WorkerError.drainTimedOut`; `PostgresError` when the database was away for longer than its patience.
    package func run() async throws {
        do {
            try await withGracefulShutdownHandler {
                try await serveRuns()
            } onGracefulShutdown: { [wakeup] in
                wakeup.ring()
            }
        } catch let error where Task.isShuttingDownGracefully && Self.isCancellation(error) {
            logger.info("stopped before there was work")
        }
    }

    /// Ends the session now, which gives back what it holds without charge. The process should end with it.
    package func leaveAtOnce() async {
        guard let session = openSession.withLock(\.self) else { return }
        do {
            try await WorkerStore(heartbeatDatabase).close(session, exitCode: 75)
            logger.notice("session closed at once, what it held given back")
        } catch {
            logger.error("session left open; its lease lapses", metadata: [LogKeys.error: .value(error)])
        }
    }

    private func serveRuns() async throws {
        let settings = try await cancelWhenGracefulShutdown { try await SettingStore(self.database).read() }
        await database.limitSilence(to: max(settings.sessionTimeToLive, .seconds(2)))
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            let run = try await cancelWhenGracefulShutdown {
                try await RunStore(self.database).next(named: self.configuration.runName)
            }
            guard let run else {
                if configuration.runName != nil { break }
                await wakeup.wait(atMost: settings.pollIdle)
                continue
            }
            do {
                if try await serve(run, settings) { break }
            } catch StoreError.sessionRefused(.run(run.id)) {
                // It has ended since it was chosen.
                continue
            }
        }
    }

    private static func isCancellation(_ error: any Error) -> Bool {
        error is CancellationError || (error as? PostgresError)?.kind == .cancelled
    }

    /// Works on one run until it is over or the session drains.
    /// - Returns: whether the worker was told to leave.
    private func serve(_ run: Run, _ settings: Settings) async throws -> Bool {
        var logger = logger
        logger[metadataKey: LogKeys.run] = .value(run.name)
        let recipe = try Recipe(json: run.recipe)
        let plan = try TrainingPlan(recipe, model: ModelConfiguration(json: Array(run.model.utf8)))
        let dataset = try await configuration.images.open(recipe)
        let session = WorkerSession(id: SessionID(), selfFence: settings.selfFence, wakeup: wakeup)
        let digests = RunDigests(
            recipe: try RecipeFingerprint(of: recipe).digest.bytes,
            layout: plan.layoutDigest.bytes,
            dataset: dataset.index.digest
        )
        let alias = try await cancelWhenGracefulShutdown {
            try await WorkerStore(self.database)
                .open(session.id, for: run.id, as: self.configuration.description, digests: digests)
        }
        openSession.withLock { $0 = session.id }
        defer { openSession.withLock { $0 = nil } }
        logger[metadataKey: LogKeys.workerID] = .value(alias)
        logger.info("session opened")
        let shared = sharedTargets(plan, session, logger)
        let targets: (any TargetCache)? = shared ?? ownTargets(plan, session)
        // The heartbeat outlives the work: a drain may take a minute, and its job must not be given to others.
        try await withThrowingTaskGroup(of: Void.self) { group in
            addCompanions(of: session, run, settings, logger, to: &group)
            if let shared { group.addTask { await shared.run() } }
            defer { group.cancelAll() }
            do {
                try await work(session, run, plan, dataset, targets, settings, logger)
                await shared?.storeAll()
                if let refusal = session.refusal { throw refusal }
                await close(session, exitCode: 0, logger)
            } catch {
                await close(session, exitCode: error is WorkerError ? 75 : 1, logger)
                throw error
            }
        }
        logger.info("session closed")
        return session.isDraining
    }

    /// nil where targets are not kept for others. Their connection is opened with the first question.
    private func sharedTargets(
        _ plan: TrainingPlan,
        _ session: WorkerSession,
        _ logger: Logger
    ) -> SharedTargets? {
        guard plan.objective.targetRule?.isShared == true else { return nil }
        let database = Database(
            self.database.configuration,
            logger: logger,
            name: "targets",
            persistence: Database.Persistence(patience: .zero)
        )
        return SharedTargets(TargetStore(database), session: session.id, logger: logger) { found, missing in
            Self.note(found, missing, in: session)
        }
    }

    /// nil where targets are kept for others too, or not at all.
    private func ownTargets(_ plan: TrainingPlan, _ session: WorkerSession) -> OwnTargets? {
        guard plan.objective.targetRule?.isShared == false else { return nil }
        return OwnTargets { found, missing in Self.note(found, missing, in: session) }
    }

    private static func note(_ found: Int, _ missing: Int, in session: WorkerSession) {
        session.note { statistics in
            statistics.foundTargets += found
            statistics.missingTargets += missing
        }
    }

    /// What runs beside the work: the heartbeat, the limit of a drain, and the ear for notifications.
    private func addCompanions(
        of session: WorkerSession,
        _ run: Run,
        _ settings: Settings,
        _ logger: Logger,
        to group: inout ThrowingTaskGroup<Void, any Error>
    ) {
        let heartbeat = Heartbeat(
            workers: WorkerStore(heartbeatDatabase),
            session: session,
            interval: settings.beatInterval,
            logger: logger
        )
        group.addTask { await heartbeat.run() }
        group.addTask { [limit = configuration.drainLimit] in
            await session.drainBegun.wait()
            try? await Task.sleep(for: limit)
            if !Task.isCancelled { session.runOutOfTime() }
        }
        guard let notifications else { return }
        group.addTask { [wakeup] in
            await wakeup.listen(to: run.id, at: notifications, logger: logger)
        }
    }

    /// Even when this task is cancelled, and not for long when the database is away: the lease lapses anyway.
    private func close(_ session: WorkerSession, exitCode: Int, _ logger: Logger) async {
        do {
            try await lastWord(within: JobSurrender.releaseLimit) { [database] in
                try await WorkerStore(database).close(session.id, exitCode: exitCode)
            }
        } catch {
            logger.warning("session left open; its lease lapses", metadata: [LogKeys.error: .value(error)])
        }
    }

    /// Claims and runs until the session drains or its run is over.
    private func work(
        _ session: WorkerSession,
        _ run: Run,
        _ plan: TrainingPlan,
        _ dataset: Dataset,
        _ targets: (any TargetCache)?,
        _ settings: Settings,
        _ logger: Logger
    ) async throws {
        try await withGracefulShutdownHandler {
            let runner = try await session.unlessDraining {
                try await self.runner(run, plan, dataset, targets, session, logger)
            }
            guard let runner else { return }
            let loop = JobLoop(
                jobs: JobStore(database),
                runner: runner,
                session: session,
                kinds: [.gradient, .embed] + (plan.recipe.evaluation.every > 0 ? [.evaluate] : []),
                settings: settings,
                overlaps: configuration.overlaps,
                wakeup: wakeup,
                logger: logger
            )
            try await loop.run()
            if session.isOutOfTime { throw WorkerError.drainTimedOut }
        } onGracefulShutdown: {
            session.drain()
        }
    }

    private func runner(
        _ run: Run,
        _ plan: TrainingPlan,
        _ dataset: Dataset,
        _ targets: (any TargetCache)?,
        _ session: WorkerSession,
        _ logger: Logger
    ) async throws -> JobRunner {
        let trainer = try await Trainer(
            run,
            plan: plan,
            dataset: dataset,
            weights: WeightStore(database),
            cache: cache,
            targets: targets,
            backend: backend,
            faults: faults
        )
        return JobRunner(
            gradients: GradientStore(database),
            artifacts: ArtifactStore(database),
            evaluations: EvaluationStore(database),
            peers: plan.objective.peerScope == .update
                ? PeerReader(ArtifactStore(database), of: run.id, width: plan.objective.peerRowSize) : nil,
            trainer: trainer,
            session: session,
            surrender: JobSurrender(jobs: JobStore(database), session: session, patience: configuration.patience),
            onJob: configuration.onJob,
            faults: faults,
            logger: logger
        )
    }
}
