import Checkpoints
import Datasets
import Layers
import Models
import Objectives
import Postgres
import Recipes
import Stores
import Tensors
import Transfers

/// Computes gradients for one run on a thread of its own, and keeps the weights of the version it last worked on.
actor Trainer {
    private let executor = ThreadExecutor(name: "trainer")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let plan: TrainingPlan
    private let step: TrainingStep
    private let reader: WeightReader
    private var student: (version: VersionID, flat: [Float])

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
        backend: any Backend
    ) async throws {
        guard let start = try await weights.version(number: 0, of: run.id) else {
            throw TransferError.versionRetired(run.head.version)
        }
        let reader = WeightReader(weights, cache: cache)
        var traffic = WeightReader.Traffic()
        let frozen = try await reader.read(.frozen, of: start.id, count: plan.frozen.count, traffic: &traffic)
        let flat = try await reader.read(.student, of: start.id, count: plan.student.count, traffic: &traffic)
        let isFork = try await !weights.chunks(of: start.id, roles: [.teacher]).isEmpty
        let teacher =
            isFork
            ? try await reader.read(.teacher, of: start.id, count: plan.student.count, traffic: &traffic) : flat
        self.plan = plan
        self.reader = reader
        self.traffic = traffic
        student = (start.id, flat)
        step = try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: run.seed,
            base: plan.base(frozen: frozen, on: backend),
            teacher: plan.teacherPolicy == .frozen ? teacher : nil,
            on: backend
        )
    }

    /// The gradient of a job at its base version, encoded for the ledger.
    ///
    /// - Throws: `TransferError.versionRetired` when the base is gone, `CancellationError` between two images.
    func compute(_ job: ClaimedJob) async throws -> (gradient: EncodedGradient, report: StepReport) {
        if student.version != job.baseVersion {
            let count = plan.student.count
            var moved = WeightReader.Traffic()
            let flat = try await reader.read(.student, of: job.baseVersion, count: count, traffic: &moved)
            student = (job.baseVersion, flat)
            traffic += moved
        }
        let (gradient, report) = try await step(
            epoch: job.arguments.epoch,
            positions: job.arguments.positions,
            student: student.flat
        )
        return (EncodedGradient(gradient), report)
    }
}
