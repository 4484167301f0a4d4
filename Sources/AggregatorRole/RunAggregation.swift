package import Logging
import Objectives
package import Postgres
package import Stores
package import Telemetry
package import Tensors
import Transfers

/// Carries one run from its head to its end: sums each step's gradients in order, updates, publishes.
///
/// What it holds in memory outlives a database that is away: as long as the head is the version that it holds, it goes
/// on from there, and can even bring the head back when a crash of the database has taken it.
package actor RunAggregation {
    /// The head as it is in memory, and what was added to its successor so far.
    private struct Held {
        let version: Version
        let state: OptimizerState
        var totals = StepTotals()
    }

    /// What a look at the run came to.
    private enum Turn {
        case advanced
        /// Gradients of the open step are still to come.
        case waiting
        case idle
        case over
    }

    package nonisolated let run: Run
    private let rule: UpdateRule
    private let backend: any Backend
    private let settings: Settings
    private let onVersion: (@Sendable (VersionTimings) -> Void)?
    private let faults: FaultInjector
    nonisolated let logger: Logger

    private let runs: RunStore
    private let steps: StepStore
    private let weights: WeightStore
    private let gradients: GradientStore
    private let admission: GradientAdmission

    private let metrics: MetricStore

    private var held: Held?
    private var collapse: CollapseGuard
    private var unchanged: [ChunkReference] = []
    private var schedule: CheckpointSchedule?
    private var checkpoint: Task<Void, Never>?
    /// When a gradient was added, or a version published.
    private var progressedAt = ContinuousClock.now

    /// - Parameter onVersion: told of every version that was published.
    package init(
        database: Database,
        run: Run,
        rule: UpdateRule,
        backend: any Backend,
        settings: Settings,
        onVersion: (@Sendable (VersionTimings) -> Void)?,
        faults: FaultInjector,
        logger: Logger
    ) {
        (self.run, self.rule, self.backend, self.settings) = (run, rule, backend, settings)
        (self.onVersion, self.faults, self.logger) = (onVersion, faults, logger)
        runs = RunStore(database)
        steps = StepStore(database)
        weights = WeightStore(database)
        gradients = GradientStore(database)
        metrics = MetricStore(database)
        collapse = CollapseGuard(rule.collapseWatch)
        admission = GradientAdmission(run: run.id, rule: rule, gradients: gradients, logger: logger)
    }

    /// How often an open step is looked at, at least and at most. The aggregator is one process beside the database, so
    /// this costs little and keeps the wait between a step's last gradient and its version short.
    private static let pollIntervals = Duration.milliseconds(1)...Duration.milliseconds(20)
    /// A database that is short of something, disk say, is not asked again at once.
    private static let retryPause = Duration.milliseconds(200)

    /// Works until the run ends or the service shuts down.
    ///
    /// - Parameter term: under which everything is written.
    /// - Throws: what stops the aggregation. The loss of a database session does not, unless the database stays away
    ///   for longer than its `Persistence` allows.
    package func work(under term: Term, until isShuttingDown: @Sendable () -> Bool, wakeup: Wakeup) async throws {
        while !isShuttingDown() {
            guard let head = try await runs.head(of: run.id) else { return }
            do {
                switch try await turn(at: head, under: term) {
                case .advanced: continue
                case .waiting: await wakeup.wait(atMost: pollInterval)
                case .idle: await wakeup.wait(atMost: settings.pollBusy)
                case .over:
                    await checkpoint?.value
                    return
                }
            } catch {
                await forgetSum()
                guard let error = error as? PostgresError, error.isTransient else { throw error }
                logger.notice("aggregation was interrupted", metadata: [LogKeys.error: .value(error)])
                await wakeup.wait(atMost: Self.retryPause)
            }
        }
        if !Task.isCancelled { try await leave(under: term) }
    }

    /// A quarter of the time for which nothing has come: gradients that take milliseconds should not wait for as long
    /// again, and those that take minutes are not worth more looks.
    private var pollInterval: Duration {
        let silence = ContinuousClock.now - progressedAt
        return min(max(silence / 4, Self.pollIntervals.lowerBound), Self.pollIntervals.upperBound)
    }

    private func turn(at head: RunHead, under term: Term) async throws -> Turn {
        if head.restoringSince != nil { return try await restore(head, under: term) ? .advanced : .idle }
        if head.state.isOver {
            try await makeDurable(head, under: term)
            return .over
        }
        guard head.state == .active else { return .idle }
        if held?.version.id != head.version, try await !load(head, under: term) { return .idle }
        let start = ContinuousClock.now
        guard let step = try await steps.open(of: run.id) else {
            // Evaluations may still be done for long.
            if head.number == run.totalSteps { try await makeDurable(head, under: term) }
            return .idle
        }
        if step.isEmbedding { return try await closeEmbedPhase(of: step, under: term) ? .advanced : .waiting }
        var timings = VersionTimings(step: step.step, noticedAt: start)
        guard try await sum(step, under: term), step.isComplete else { return .waiting }
        timings.reduce = ContinuousClock.now - start
        faults.reach(.aggregatorReduced)
        return try await advance(applying: step.step, under: term, &timings) ? .advanced : .idle
    }

    // MARK: One step

    /// Opens the second phase of a step whose samples are all embedded.
    /// - Returns: false while some are not.
    private func closeEmbedPhase(of step: OpenStep, under term: Term) async throws -> Bool {
        guard step.isEmbedded else { return false }
        faults.reach(.aggregatorEmbedded)
        guard try await steps.closeEmbedPhase(of: run.id, step: step.step, under: term) else { return false }
        faults.reach(.aggregatorPhaseClosed)
        progressedAt = .now
        logger.info("step embedded", metadata: [LogKeys.step: .value(step.step)])
        return true
    }

    /// Adds whatever has arrived in one unbroken line from the first job on, while later jobs still compute.
    /// - Returns: whether all that was submitted is in the sum.
    private func sum(_ step: OpenStep, under term: Term) async throws -> Bool {
        let start = ContinuousClock.now
        guard var held else { return false }
        // Asked many times a second while the slowest job computes; what was taken back shows at the latest at the end.
        guard step.isComplete || step.submittedCount != held.totals.members.count else { return false }
        let manifests = try await gradients.manifests(of: run.id, step: step.step)
        // A gradient that is in the sum may have been taken back since: lost in a crash, or rejected.
        if !manifests.starts(with: held.totals.members, by: { ($0.job, $0.attempt) == ($1.job, $1.attempt) }) {
            await forgetSum()
            held.totals = StepTotals()
        }
        // A gap may still be filled; only when the step is complete do cancelled jobs leave gaps that stay.
        let next = manifests.enumerated().dropFirst(held.totals.members.count)
            .prefix { index, manifest in manifest.ordinal == index || step.isComplete }.map(\.element)
        guard try await add(next, to: &held, under: term) else { return false }
        schedule?.note(ContinuousClock.now - start)
        return held.totals.members.count == manifests.count
    }

    /// Judges gradients and adds them up; each is read while the one before it is judged and added.
    /// - Returns: false when one of them could not be added.
    private func add(_ manifests: [GradientManifest], to held: inout Held, under term: Term) async throws -> Bool {
        guard let first = manifests.first else { return true }
        let admission = admission
        return try await withThrowingTaskGroup(of: Result<[Float], GradientReader.Defect>.self) { group in
            group.addTask { try await admission.load(first) }
            for (index, manifest) in manifests.enumerated() {
                guard let stored = try await group.next() else { return false }
                if manifests.indices.contains(index + 1) {
                    group.addTask { try await admission.load(manifests[index + 1]) }
                }
                let (version, state) = (held.version, held.state)
                switch try await admission.decide(on: manifest, stored, after: version, with: state, under: term) {
                case .admitted(let gradient, let member):
                    await state.add(gradient, scale: member.scale)
                    held.totals.add(member)
                    self.held = held
                    progressedAt = .now
                // Its job is computed again, and fills the gap.
                case .rejected:
                    group.cancelAll()
                    return false
                case .missing:
                    group.cancelAll()
                    try await judgeUnreadable(manifest, under: term)
                    return false
                }
            }
            return true
        }
    }

    /// Applies the sum and publishes the result.
    /// - Returns: false when the head is no longer what it was.
    private func advance(applying step: Int, under term: Term, _ timings: inout VersionTimings) async throws -> Bool {
        guard let parent = held else { return false }
        // From here on the state is the child's; until that is published it is nobody's head.
        held = nil
        let start = ContinuousClock.now
        let totals = parent.totals
        let outcome = await parent.state
            .apply(units: totals.units, samples: totals.samples, terms: totals.lossTerms)
        guard outcome.isFinite else {
            let error = AggregatorError.updateNotFinite(step: step)
            try await runs.block(run.id, divergedAt: step + 1, reason: error.description, under: term)
            throw error
        }
        let isLast = parent.version.number + 1 == run.totalSteps
        let vectors = isLast ? await parent.state.durable : await parent.state.published
        timings.apply = ContinuousClock.now - start
        schedule?.note(timings.apply)
        let published = try await publish(
            vectors,
            outcome,
            totals,
            childOf: parent.version,
            applying: step,
            under: term,
            &timings
        )
        guard let version = published else {
            logger.warning("lost the head", metadata: [LogKeys.step: .value(step)])
            return false
        }
        logger.info(
            "version published",
            metadata: [
                LogKeys.weightsVersion: .value(version.number), LogKeys.units: .value(totals.units),
                LogKeys.loss: .value(totals.metrics["loss"] ?? .nan),
                LogKeys.learningRate: .value(outcome.learningRate),
                LogKeys.gradientNorm: .value(outcome.gradientNorm),
            ]
        )
        onVersion?(timings)
        held = Held(version: version, state: parent.state)
        progressedAt = .now
        if !isLast { await checkpointIfDue(under: term) }
        try await watch(outcome.metrics.merging(totals.metrics) { $1 }, of: version, under: term)
        return true
    }

    /// Blocks a run that trains to no end; all its versions stay.
    private func watch(_ metrics: [String: Double], of version: Version, under term: Term) async throws {
        guard let sign = collapse.note(metrics, ofVersion: version.number) else { return }
        logger.error(
            "training has collapsed",
            metadata: [LogKeys.weightsVersion: .value(version.number), LogKeys.reason: .value(sign)]
        )
        try await runs.block(run.id, reason: sign.description, under: term)
    }

    /// Repeats until the outcome is known: chunks and drafts may be written twice, and only one draft can win.
    private func publish(
        _ vectors: VersionVectors,
        _ outcome: OptimizerState.Outcome,
        _ totals: StepTotals,
        childOf parent: Version,
        applying step: Int,
        under term: Term,
        _ timings: inout VersionTimings
    ) async throws -> Version? {
        let publisher = VersionPublisher(
            weights: weights,
            writer: WeightWriter(weights),
            storage: run.durability.storage,
            term: term,
            faults: faults
        )
        while true {
            do {
                return try await publisher.publish(
                    vectors,
                    outcome,
                    totals,
                    childOf: parent,
                    applying: step,
                    unchanged: unchanged,
                    &timings
                )
            } catch let error as PostgresError where error.isTransient {
                try Task.checkCancellation()
                guard try await runs.head(of: run.id)?.version == parent.id else { return nil }
                logger.notice("publication is tried again", metadata: [LogKeys.error: .value(error)])
                try await Task.sleep(for: Self.retryPause)
            }
        }
    }

    /// Parts that are not those of the manifest: corrupt, unless a crash of the database has just taken them.
    private func judgeUnreadable(_ manifest: GradientManifest, under term: Term) async throws {
        guard try await gradients.isBroken(manifest) else { return }
        throw try await blocked(.gradientCorrupt(job: manifest.job, attempt: manifest.attempt), under: term)
    }

    private func forgetSum() async {
        guard let state = held?.state else { return }
        await state.discardSum()
        held?.totals = StepTotals()
    }

    // MARK: Coming back

    /// Takes up the head.
    /// - Returns: false when this cannot be done right now.
    private func load(_ head: RunHead, under term: Term) async throws -> Bool {
        await checkpoint?.value
        held = nil
        let loader = HeadLoader(rule: rule, backend: backend, weights: weights, gradients: gradients, faults: faults)
        do {
            guard let loaded = try await loader.load(head) else { return false }
            held = Held(version: loaded.version, state: loaded.state)
            unchanged = loaded.unchanged
            collapse = try await collapse.resumed(run.id, behind: loaded.version.number, metrics)
            schedule = CheckpointSchedule(
                durableNumber: loaded.durableNumber,
                replayTime: loaded.replayTime,
                settings: settings
            )
            logger.info(
                "weights loaded",
                metadata: [
                    LogKeys.weightsVersion: .value(loaded.version.number),
                    LogKeys.count: .value(loaded.version.number - loaded.durableNumber),
                    LogKeys.milliseconds: .value(Int(loaded.replayTime / .milliseconds(1))),
                ]
            )
            return true
        } catch VersionReplay.Unreadable.gradient(let manifest) {
            try await judgeUnreadable(manifest, under: term)
            return false
        } catch let error as AggregatorError {
            throw try await blocked(error, under: term)
        }
    }

    /// Brings back a head whose chunks a crash of the database has taken, if it is the one in memory.
    private func restore(_ head: RunHead, under term: Term) async throws -> Bool {
        await checkpoint?.value
        guard let held, held.version.id == head.version else { return false }
        await forgetSum()
        let writer = CheckpointWriter(weights: weights, term: term, faults: faults)
        guard try await writer.write(held.version, await held.state.durable, unchanged: unchanged) else { return false }
        schedule = CheckpointSchedule(durableNumber: held.version.number, replayTime: .zero, settings: settings)
        logger.notice("head restored", metadata: [LogKeys.weightsVersion: .value(held.version.number)])
        return true
    }

    // MARK: Checkpoints

    /// Writes the head down from a copy, while the next step is being summed.
    private func checkpointIfDue(under term: Term) async {
        guard let held, schedule?.isDue(at: held.version.number) == true else { return }
        schedule?.begin(at: held.version.number)
        let vectors = await held.state.durable
        checkpoint = Task { await self.write(held.version, vectors, under: term) }
    }

    /// A checkpoint that fails costs nothing but a longer replay: the next version tries again.
    private func write(_ version: Version, _ vectors: VersionVectors, under term: Term) async {
        var isDurable = false
        do {
            let writer = CheckpointWriter(weights: weights, term: term, faults: faults)
            isDurable = try await writer.write(version, vectors, unchanged: unchanged)
            logger.info("checkpoint written", metadata: [LogKeys.weightsVersion: .value(version.number)])
        } catch {
            logger.warning("checkpoint failed", metadata: [LogKeys.error: .value(error)])
        }
        schedule?.end(isDurable: isDurable)
    }

    /// Leaves nothing to be replayed behind; a second signal cuts it short.
    private func leave(under term: Term) async throws {
        guard let head = try await runs.head(of: run.id), head.restoringSince == nil else { return }
        try await makeDurable(head, under: term)
    }

    private func makeDurable(_ head: RunHead, under term: Term) async throws {
        await checkpoint?.value
        guard let held, held.version.id == head.version, try await weights.version(head.version)?.isDurable == false
        else { return }
        await forgetSum()
        await write(held.version, await held.state.durable, under: term)
    }

    private func blocked(_ error: AggregatorError, under term: Term) async throws -> AggregatorError {
        try await runs.block(run.id, reason: error.description, under: term)
        return error
    }
}
