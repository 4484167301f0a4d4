import Optimizers
import Postgres
import Recipes
import Tensors

/// The weights of one run with their moments, and the sum of the step's gradients: what the aggregator keeps in memory.
///
/// Runs on a thread of its own, since summing hundreds of megabytes would hold up every other task. All of it can be
/// computed again from the newest durable version and the gradients since.
actor OptimizerState {
    /// Flat vectors of one length, as they are published.
    struct Vectors: Sendable {
        var student: [Float]
        var moment1: [Float]
        var moment2: [Float]
    }

    /// What one update did.
    struct Outcome: Sendable {
        /// Of the mean gradient, before clipping.
        var gradientNorm: Double
        var learningRate: Double
        /// False when a new weight is not a finite number; then nothing may be published.
        var isFinite: Bool
    }

    private let executor = ThreadExecutor(name: "aggregator")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let plan: TrainingPlan
    private var part: AdamW.Part
    private var sum: TensorValue
    /// Updates applied so far, which AdamW's bias correction counts; a step without units is none.
    private var updateCount: Int
    /// Images applied so far, by which the schedule advances.
    private var sampleCount: Int

    init(_ vectors: Vectors, updateCount: Int, sampleCount: Int, plan: TrainingPlan, backend: any Backend) {
        func value(_ flat: [Float]) -> TensorValue { Tensor(flat, [flat.count], on: backend).value }
        self.plan = plan
        self.updateCount = updateCount
        self.sampleCount = sampleCount
        part = AdamW.Part(
            weights: value(vectors.student),
            moment1: value(vectors.moment1),
            moment2: value(vectors.moment2)
        )
        sum = backend.filled([vectors.student.count], with: 0)
    }

    /// Adds a job's sum. Call in the order of the jobs' ordinals: fp32 addition is not associative, and equal bits for
    /// any fleet are the promise.
    /// - Parameter scale: below 1 where the gate has clipped it.
    func add(_ gradient: [Float], scale: Double = 1) {
        let backend = sum.backend
        backend.accumulate(Tensor(gradient, sum.shape, on: backend).value, scaledBy: scale, into: &sum)
    }

    /// As the worker computed it, so that equal kernels give equal bits; not finite as soon as one value is not.
    func norm(of gradient: [Float]) -> Double {
        let value = Tensor(gradient, sum.shape, on: sum.backend).value
        return GlobalNorm.norm(ofBlockSums: GlobalNorm.blockSums(of: value))
    }

    /// Forgets what was added since the last update.
    func discardSum() { sum = sum.backend.filled(sum.shape, with: 0) }

    /// Turns the sum into the next weights and starts a new sum.
    ///
    /// - Parameters:
    ///   - units: what the sum stands for; zero leaves the weights as they are.
    ///   - samples: images that it took.
    func apply(units: Int, samples: Int) -> Outcome {
        defer {
            discardSum()
            sampleCount += samples
        }
        let learningRate = plan.learningRate(afterSamples: sampleCount)
        guard units > 0 else { return Outcome(gradientNorm: 0, learningRate: learningRate, isFinite: true) }
        updateCount += 1
        let norm = GlobalNorm.norm(ofBlockSums: GlobalNorm.blockSums(of: sum)) / Double(units)
        let clip = plan.clipping?.scale(forNorm: norm) ?? 1
        plan.optimizer.update(
            &part,
            gradient: sum,
            step: updateCount,
            learningRate: learningRate,
            gradientScale: clip / Double(units),
            settings: plan.settings
        )
        let isFinite = norm.isFinite && part.weights.backend.isFinite(part.weights)
        return Outcome(gradientNorm: norm, learningRate: learningRate, isFinite: isFinite)
    }

    /// A copy of the weights alone: what every version publishes.
    var student: [Float] { Tensor(part.weights).floats }

    /// A copy of everything: what a durable version holds.
    var vectors: Vectors {
        Vectors(student: student, moment1: Tensor(part.moment1).floats, moment2: Tensor(part.moment2).floats)
    }
}
