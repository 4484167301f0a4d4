import Layers
import Logging
import Postgres
import Recipes
import Stores
import Telemetry
import Tensors
import Transfers

/// Carries one run from its head to its end: sums each step's gradients in order, updates, publishes.
struct RunAggregation: Sendable {
    let database: Database
    let run: Run
    let plan: TrainingPlan
    let backend: any Backend
    let term: Term
    let faults: FaultInjector
    let logger: Logger

    private var runs: RunStore { RunStore(database) }
    private var weights: WeightStore { WeightStore(database) }
    private var gradients: GradientStore { GradientStore(database) }

    /// How often an open step is looked at. The aggregator is one process beside the database, so this costs little and
    /// keeps the wait between a step's last gradient and its version short.
    private static let pollInterval = Duration.milliseconds(20)

    /// Works until the run ends, the service shuts down, or the head was moved by someone else.
    func work(until isShuttingDown: @Sendable () -> Bool, wakeup: Wakeup, idlePoll: Duration) async throws {
        guard var parent = try await weights.head(of: run.id) else { return }
        let state = try await load(parent)
        let unchanged = try await weights.chunks(of: parent.id, roles: [.frozen, .carried])
        var totals = StepTotals()
        while !isShuttingDown() {
            guard let head = try await runs.head(of: run.id), head.version == parent.id, !head.state.isOver else {
                return
            }
            guard head.state == .active, let step = try await StepStore(database).open(of: run.id) else {
                await wakeup.wait(atMost: idlePoll)
                continue
            }
            try await sum(step, into: state, &totals)
            guard step.isComplete, totals.members.count == step.submittedCount else {
                await wakeup.wait(atMost: Self.pollInterval)
                continue
            }
            faults.reach(.aggregatorReduced)
            guard
                let child = try await advance(
                    from: parent,
                    head: head,
                    step: step.step,
                    state,
                    totals,
                    unchanged: unchanged
                )
            else { return }
            parent = child
            totals = StepTotals()
        }
    }

    /// Adds whatever has arrived in one unbroken line from the first job on, while later jobs still compute.
    private func sum(_ step: OpenStep, into state: OptimizerState, _ totals: inout StepTotals) async throws {
        guard step.submittedCount > totals.members.count else { return }
        let manifests = try await gradients.manifests(of: run.id, step: step.step)
        let reader = GradientReader(gradients)
        for (index, manifest) in manifests.enumerated().dropFirst(totals.members.count) {
            // A gap may still be filled; only when the step is complete do cancelled jobs leave gaps that stay.
            guard manifest.ordinal == index || step.isComplete else { return }
            guard let gradient = try await reader.read(manifest, count: plan.student.count) else {
                throw try await blocked(.gradientCorrupt(job: manifest.job, attempt: manifest.attempt))
            }
            await state.add(gradient)
            totals.add(manifest)
        }
    }

    private func advance(
        from parent: Version,
        head: RunHead,
        step: Int,
        _ state: OptimizerState,
        _ totals: StepTotals,
        unchanged: [ChunkReference]
    ) async throws -> Version? {
        let outcome = await state.apply(units: totals.units, samplesBefore: head.samplesTotal)
        guard outcome.isFinite else { throw try await blocked(.updateNotFinite(step: step)) }
        let publisher = VersionPublisher(weights: weights, writer: WeightWriter(weights), term: term, faults: faults)
        let version = try await publisher.publish(
            outcome,
            totals,
            childOf: parent,
            applying: step,
            unchanged: unchanged
        )
        if let version {
            logger.info(
                "version published",
                metadata: [
                    LogKeys.weightsVersion: .value(version.number), LogKeys.units: .value(totals.units),
                    LogKeys.loss: .value(totals.metrics["loss"] ?? .nan),
                    LogKeys.learningRate: .value(outcome.learningRate),
                    LogKeys.gradientNorm: .value(outcome.gradientNorm),
                ]
            )
        } else {
            logger.warning("lost the head to another aggregator", metadata: [LogKeys.step: .value(step)])
        }
        return version
    }

    private func load(_ version: Version) async throws -> OptimizerState {
        let reader = WeightReader(weights)
        let count = plan.student.count
        var traffic = WeightReader.Traffic()
        let student = try await reader.read(.student, of: version.id, count: count, traffic: &traffic)
        let zeros = [Float](repeating: 0, count: count)
        var vectors = OptimizerState.Vectors(student: student, moment1: zeros, moment2: zeros)
        if version.number > 0 {
            vectors.moment1 = try await reader.read(.moment1, of: version.id, count: count, traffic: &traffic)
            vectors.moment2 = try await reader.read(.moment2, of: version.id, count: count, traffic: &traffic)
        }
        let updates = try await weights.updateCount(upTo: version)
        logger.info("weights loaded", metadata: [LogKeys.weightsVersion: .value(version.number)])
        return OptimizerState(vectors, updateCount: updates, plan: plan, backend: backend)
    }

    private func blocked(_ error: AggregatorError) async throws -> AggregatorError {
        try await runs.block(run.id, reason: error.description, under: term)
        return error
    }
}
