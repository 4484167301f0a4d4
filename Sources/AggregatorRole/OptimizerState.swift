import Optimizers
import Postgres
import Recipes
import Tensors

/// The weights of one run with their moments, and the sum of the step's gradients: what the aggregator keeps in memory.
///
/// Runs on a thread of its own, since summing hundreds of megabytes would hold up every other task. All of it can be
/// rebuilt from the head, so whoever loses its fence simply reads it again.
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
        var vectors: Vectors
    }

    private let executor = ThreadExecutor(name: "aggregator")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let plan: TrainingPlan
    private var part: AdamW.Part
    private var sum: TensorValue
    /// Updates applied so far, which AdamW's bias correction counts; a step without units is none.
    private var updateCount: Int

    init(_ vectors: Vectors, updateCount: Int, plan: TrainingPlan, backend: any Backend) {
        func value(_ flat: [Float]) -> TensorValue { Tensor(flat, [flat.count], on: backend).value }
        self.plan = plan
        self.updateCount = updateCount
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

    /// Turns the sum into the next weights and starts a new sum.
    ///
    /// - Parameters:
    ///   - units: what the sum stands for; zero leaves the weights as they are.
    ///   - samplesBefore: images applied before this step, by which the schedule advances.
    func apply(units: Int, samplesBefore: Int) -> Outcome {
        defer { sum = sum.backend.filled(sum.shape, with: 0) }
        let learningRate = plan.learningRate(afterSamples: samplesBefore)
        guard units > 0 else {
            return Outcome(gradientNorm: 0, learningRate: learningRate, isFinite: true, vectors: vectors)
        }
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
        return Outcome(gradientNorm: norm, learningRate: learningRate, isFinite: isFinite, vectors: vectors)
    }

    private var vectors: Vectors {
        Vectors(
            student: Tensor(part.weights).floats,
            moment1: Tensor(part.moment1).floats,
            moment2: Tensor(part.moment2).floats
        )
    }
}
