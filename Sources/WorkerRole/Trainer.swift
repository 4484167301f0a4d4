import Checkpoints
import Datasets
import Layers
import Models
import Objectives
import Postgres
import Recipes
import Stores
import Telemetry
import Tensors
import Transfers

/// Computes gradients for one run on a thread of its own, and keeps the weights of the version it last worked on.
actor Trainer {
    private let executor = ThreadExecutor(name: "trainer")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let plan: TrainingPlan
    private let step: TrainingStep
    private let evaluator: VersionEvaluator
    private let faults: FaultInjector
    private let reader: WeightReader
    /// Let go while it is rewritten, hence empty after an error.
    private var held = HeldVersion()
    /// The same where a step reads it; laid out with the first job at its version.
    private var weights: VersionWeights?

    /// Bytes fetched so far, from the database and from the cache.
    private(set) var traffic = WeightReader.Traffic()

    /// Loads what never changes in a run: frozen tensors, and the frozen teacher: the start weights, in a fork those of
    /// the run at its root.
    init(
        _ run: Run,
        plan: TrainingPlan,
        dataset: Dataset,
        weights: WeightStore,
        cache: WeightCache?,
        targets: (any TargetCache)? = nil,
        backend: any Backend,
        faults: FaultInjector = .none
    ) async throws {
        guard let start = try await weights.version(number: 0, of: run.id) else {
            throw TransferError.versionRetired(run.head.version)
        }
        let reader = WeightReader(weights, cache: cache)
        var traffic = WeightReader.Traffic()
        let frozen = try await reader.read(.frozen, of: start.id, count: plan.frozen.count, traffic: &traffic)
        var held = HeldVersion()
        var teacher: [Float]?
        if plan.teacherPolicy == .frozen {
            try await held.refresh(to: start.id, of: plan, from: reader, traffic: &traffic)
            teacher = held.student?.flat
            if try await !weights.chunks(of: start.id, roles: [.teacher]).isEmpty {
                teacher = try await reader.read(.teacher, of: start.id, count: plan.student.count, traffic: &traffic)
            }
        }
        self.plan = plan
        self.reader = reader
        self.faults = faults
        self.traffic = traffic
        self.held = held
        step = try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: run.seed,
            base: plan.base(frozen: frozen, on: backend),
            teacher: teacher,
            targets: targets,
            on: backend,
            afterGraph: { faults.reach(.workerComputing) }
        )
        evaluator = VersionEvaluator(step, on: backend) { faults.reach(.workerEvaluating) }
    }

    /// The gradient of a job at its base version, without its quarantined samples; of an embed job their rows, of an
    /// evaluation its metrics.
    ///
    /// - Parameter peers: what a gradient of a two-phase step is computed among; it is then about the samples that have
    ///   been embedded, all of them: nobody looks for those to blame.
    /// - Throws: `TransferError.versionRetired` when the base is gone, `CancellationError` between two images,
    ///   `TrainingError.nonFinite` or `WorkerError.diverged` for what is no number: nothing of that is ever offered.
    func compute(_ job: ClaimedJob, among peers: UpdatePeers? = nil) async throws -> JobResult {
        let pull = try await take(job.baseVersion)
        if job.kind == .evaluate { return try await evaluation(job, pull: pull) }
        let (epoch, positions) = (job.arguments.epoch, job.arguments.positions)
        let planned = try step.samples(epoch: epoch, positions: positions)
        let embedded = peers.map { Set($0.samples[job.arguments.ordinal] ?? []) }
        let samples = planned.filter { embedded?.contains($0) ?? !job.excludedSamples.contains($0) }
        do {
            var result = try await result(of: samples, of: job, among: peers)
            result.pull = pull
            return result
        } catch let error where peers == nil && job.isIsolating && SampleDefect(error) != nil {
            return try await isolate(samples, of: job, after: error)
        }
    }

    private func evaluation(_ job: ClaimedJob, pull: Duration) async throws -> JobResult {
        let sets = plan.recipe.evaluation.sets
        guard sets.indices.contains(job.arguments.ordinal) else {
            throw WorkerError.evaluationUnknown(job.arguments.ordinal)
        }
        let metrics = try await evaluator.metrics(of: sets[job.arguments.ordinal], at: laidOut())
        return JobResult(metrics: metrics, pull: pull)
    }

    /// Brings the weights to a version: nothing is asked when they are there, and only what differs when they are not.
    /// - Returns: how long that took.
    private func take(_ version: VersionID) async throws -> Duration {
        guard held.student?.version != version else { return .zero }
        let start = ContinuousClock.now
        var held = held
        (self.held, weights) = (HeldVersion(), nil)
        var moved = WeightReader.Traffic()
        try await held.refresh(to: version, of: plan, from: reader, traffic: &moved)
        self.held = held
        traffic += moved
        return ContinuousClock.now - start
    }

    private func laidOut() throws -> VersionWeights {
        if let weights { return weights }
        let new = try held.laidOut(for: step)
        weights = new
        return new
    }

    private func result(
        of samples: [Int64],
        of job: ClaimedJob,
        among peers: UpdatePeers? = nil
    ) async throws -> JobResult {
        let work = JobSamples(samples, epoch: job.arguments.epoch, update: job.arguments.step)
        if job.kind == .embed {
            let weights = try laidOut()
            faults.reach(.workerEmbedding)
            let (rows, report) = try await step.peerRows(of: work, at: weights)
            return JobResult(rows: rows, report: report)
        }
        var (payload, report) = try await step.gradient(of: work, at: laidOut(), among: peers?.rows)
        if report.units > 0, let factor = faults.gradientFactor(of: samples) {
            for index in 0..<plan.student.count { payload[index] *= factor }
            report.norm *= Double(factor)
            guard payload.allSatisfy(\.isFinite) else { throw TrainingError.nonFinite(samples: samples) }
        }
        // One number that is none would have made the norm so.
        guard report.norm.isFinite, report.loss.isFinite else { throw TrainingError.nonFinite(samples: samples) }
        return JobResult(gradient: payload, report: report)
    }

    /// Finds the samples that make the job fail, and computes the rest.
    private func isolate(_ samples: [Int64], of job: ClaimedJob, after error: any Error) async throws -> JobResult {
        let bisection = SampleBisection<SampleDefect> { samples in
            do {
                _ = try await self.result(of: samples, of: job)
                return nil
            } catch {
                guard let defect = SampleDefect(error) else { throw error }
                return defect
            }
        }
        let found = try await bisection.defects(among: samples)
        let blamed = Set(found.map(\.sample))
        guard !found.isEmpty else { throw error }
        var result = try await result(of: samples.filter { !blamed.contains($0) }, of: job)
        // Where nothing is left, it is hardly the samples: the weights, or a folder that is not there.
        if result.report.samples == 0, try await !isOneOfAKind(found.map(\.sample), of: job) {
            guard found.contains(where: \.defect.isNonFinite) else { throw error }
            throw WorkerError.diverged(samples: found.map(\.sample))
        }
        result.quarantined = try found.map { sample, defect in
            BadSample(
                sampleID: sample,
                key: try step.dataset.index.sample(sample).key,
                reason: defect.reason,
                isQuarantined: true
            )
        }
        return result
    }

    /// Whether a single sample fails although another of the epoch, outside of the job, does not. A job of one picture
    /// cannot tell by itself whether picture or weights are to blame.
    private func isOneOfAKind(_ blamed: [Int64], of job: ClaimedJob) async throws -> Bool {
        guard blamed.count == 1 else { return false }
        let (epoch, positions) = (job.arguments.epoch, job.arguments.positions)
        let others = Array(positions.upperBound..<step.dataset.count) + Array(0..<positions.lowerBound)
        for position in others.prefix(Self.witnessCount) {
            let samples = try step.samples(epoch: epoch, positions: position..<position + 1)
                .filter { !job.excludedSamples.contains($0) }
            if let result = try? await result(of: samples, of: job), result.hasContent { return true }
            try Task.checkCancellation()
        }
        return false
    }

    private static let witnessCount = 4
}
