import Checkpoints
import Datasets
package import Logging
import Models
package import Postgres
import Recipes
import ServiceLifecycle
package import Stores
package import Telemetry
package import Tensors
import Synchronization
package import Transfers

/// Claims jobs, computes their gradients, submits them; joins and leaves whenever it likes.
package struct Worker: Service {
    package struct Configuration: Sendable {
        /// The run to serve until it ends; nil serves the oldest active run, then the next.
        package var runName: String?
        package var images: ImageSource
        package var description: WorkerDescription
        /// How long the job in hand may take after the first SIGTERM before it is given back.
        package var drainLimit: Duration

        package init(
            runName: String? = nil,
            images: ImageSource = ImageSource(),
            description: WorkerDescription,
            drainLimit: Duration = .seconds(60)
        ) {
            self.runName = runName
            self.images = images
            self.description = description
            self.drainLimit = drainLimit
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

    /// - Parameter heartbeatDatabase: a connection of its own, so that beats queue behind no transfer.
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

    package func run() async throws {
        try await withGracefulShutdownHandler {
            let settings = try await SettingStore(database).read()
            while !Task.isShuttingDownGracefully && !Task.isCancelled {
                guard let run = try await RunStore(database).next(named: configuration.runName) else {
                    if configuration.runName != nil { break }
                    await wakeup.wait(atMost: settings.pollIdle)
                    continue
                }
                if try await serve(run, settings) { break }
            }
        } onGracefulShutdown: { [wakeup] in
            wakeup.ring()
        }
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
        let workers = WorkerStore(database)
        let digests = RunDigests(
            recipe: try RecipeFingerprint(of: recipe).digest.bytes,
            layout: plan.layoutDigest.bytes,
            dataset: dataset.index.digest
        )
        let alias = try await workers.open(session.id, for: run.id, as: configuration.description, digests: digests)
        logger[metadataKey: LogKeys.workerID] = .value(alias)
        logger.info("session opened")
        // The heartbeat outlives the work: a drain may take a minute, and its job must not be given to others.
        try await withThrowingTaskGroup(of: Void.self) { group in
            addCompanions(of: session, run, settings, logger, to: &group)
            defer { group.cancelAll() }
            do {
                let runner = try await runner(run, plan, dataset, session, logger)
                await work(session, runner, settings, logger)
                try await workers.close(session.id, exitCode: 0)
            } catch {
                _ = try? await workers.close(session.id, exitCode: 1)
                throw error
            }
        }
        logger.info("session closed")
        return session.isDraining
    }

    /// What runs beside the work: the heartbeat, and the ear for notifications.
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
            answerLimit: settings.selfFence - settings.beatInterval,
            logger: logger
        )
        group.addTask { await heartbeat.run() }
        guard let notifications else { return }
        group.addTask { [wakeup] in
            await wakeup.listen(to: run.id, at: notifications, logger: logger)
        }
    }

    private func runner(
        _ run: Run,
        _ plan: TrainingPlan,
        _ dataset: Dataset,
        _ session: WorkerSession,
        _ logger: Logger
    ) async throws -> JobRunner {
        let trainer = try await Trainer(
            run,
            plan: plan,
            dataset: dataset,
            weights: WeightStore(database),
            cache: cache,
            backend: backend
        )
        return JobRunner(
            jobs: JobStore(database),
            gradients: GradientStore(database),
            trainer: trainer,
            session: session,
            faults: faults,
            logger: logger
        )
    }

    /// Claims and runs until the session drains or its run is over.
    private func work(_ session: WorkerSession, _ runner: JobRunner, _ settings: Settings, _ logger: Logger) async {
        var poll = settings.pollBusy
        while !session.isOver && !session.isDraining && !Task.isShuttingDownGracefully && !Task.isCancelled {
            guard session.mayClaim, let job = await claim(for: session, logger) else {
                await wakeup.wait(atMost: poll * Double.random(in: 0.8...1.2))
                poll = min(poll * 1.5, settings.pollIdle)
                continue
            }
            poll = settings.pollBusy
            await runWithinDrainLimit(job, runner)
        }
    }

    private func claim(for session: WorkerSession, _ logger: Logger) async -> ClaimedJob? {
        do {
            return try await JobStore(database).claim(for: session.id).first
        } catch {
            logger.warning("claim failed", metadata: [LogKeys.error: .value(error)])
            return nil
        }
    }

    /// After a first SIGTERM the job in hand may finish within the limit; then it is cancelled, which releases it.
    private func runWithinDrainLimit(_ job: ClaimedJob, _ runner: JobRunner) async {
        let limit = configuration.drainLimit
        let work = Task { await runner.run(job) }
        let patience = Mutex<Task<Void, Never>?>(nil)
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await work.value
            } onGracefulShutdown: {
                runner.session.drain()
                patience.withLock { task in
                    task = Task {
                        try? await Task.sleep(for: limit)
                        if !Task.isCancelled { work.cancel() }
                    }
                }
            }
        } onCancel: {
            work.cancel()
        }
        patience.withLock { $0?.cancel() }
    }
}
