package import Datasets
import Layers
import Models
import Objectives
package import Recipes
import Stores
package import Tensors
import Transfers

/// Runs one job of a recipe again and again, as a worker computes it, and says where the time went.
package struct StepBenchmark {
    private let plan: TrainingPlan
    private let step: TrainingStep
    private let student: [Float]
    /// nil unless it moves.
    private let teacher: [Float]?
    private let samples: [Int64]
    private let inner: CPUBackend
    private let metered: MeteredBackend

    /// - Parameters:
    ///   - weights: start of student and teacher; nil draws them, as a recipe without weights does.
    ///   - pictures: of one job; nil for the recipe's own number.
    /// - Throws: `CommandFailure` when there are not as many pictures.
    package init(
        _ named: Recipe,
        dataset: Dataset,
        weights: String? = nil,
        pictures: Int? = nil,
        on backend: CPUBackend
    ) throws {
        let count = pictures ?? named.aggregation.imagesPerJob
        guard count <= dataset.count else {
            throw CommandFailure(
                .usage,
                "A job of \(count) pictures wants more than the \(dataset.count) there are. Lower --pictures, or name "
                    + "others with --images."
            )
        }
        let metered = MeteredBackend(backend)
        let recipe = try named.bound(to: dataset.index.classes)
        let plan = try TrainingPlan(recipe, model: recipe.loadModel())
        let tree =
            try weights.map { try StartWeights.tree($0, plan, on: metered) }
            ?? plan.initialTree(seed: recipe.start.initialize ?? recipe.seed, on: metered)
        let student = try plan.student.flattened(tree)
        step = try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: recipe.seed,
            base: plan.base(frozen: plan.frozen.flattened(tree), on: metered),
            teacher: plan.teacherPolicy == .frozen ? student : nil,
            on: metered
        )
        teacher = plan.teacherSize > 0 ? try plan.teacher.flattened(tree) : nil
        samples = try step.samples(epoch: 0, positions: 0..<count)
        (self.plan, self.student, inner, self.metered) = (plan, student, backend, metered)
    }

    /// Computes the job once unmeasured, then in rounds: always the same pictures and regions, so that rounds compare.
    ///
    /// - Parameter peakBytes: of each buffer that the copy's bandwidth is measured with.
    package func measure(rounds: Int, peakBytes: Int = 128 << 20) async throws -> StepMeasurement {
        let recorder = MeasuredPeak.Recorder(inner, byteCount: peakBytes)
        _ = try await round()
        var passes: [StepMeasurement.Pass] = []
        for _ in 0..<rounds {
            recorder.measureOperations()
            passes.append(try await round())
        }
        // Before the buffers of the copy exist.
        let memory = PeakMemory.bytes
        return StepMeasurement(
            passes,
            recipe: plan.recipe.name,
            model: plan.recipe.model,
            peak: recorder.peak,
            peakResidentBytes: memory
        )
    }

    private func round() async throws -> StepMeasurement.Pass {
        metered.reset()
        var report = StepReport()
        var payload: [Float] = []
        let computing = try await Interleaved.seconds {
            let version = try step.weights(student, teacher: teacher)
            let job = JobSamples(samples, epoch: 0)
            // The job is the whole update; where a run has several, its embed jobs are one pass of the same kind.
            let peers = plan.objective.peerScope == .update ? try await step.peerRows(of: job, at: version).rows : nil
            (payload, report) = try await step.gradient(of: job, at: version, among: peers)
        }
        var byteCount = 0
        let encoding = try await Interleaved.seconds {
            byteCount = EncodedGradient(payload).parts.reduce(0) { $0 + $1.data.count }
        }
        return StepMeasurement.Pass(
            report: report,
            computing: computing,
            encoding: encoding,
            gradientBytes: byteCount,
            usage: metered.usage
        )
    }
}
