import Optimizers
import Postgres
import Recipes

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
    private var vectors: Vectors
    /// Updates applied so far, which AdamW's bias correction counts; a step without units is none.
    private var updateCount: Int
    private var sum: [Float]

    init(_ vectors: Vectors, updateCount: Int, plan: TrainingPlan) {
        self.plan = plan
        self.vectors = vectors
        self.updateCount = updateCount
        sum = [Float](repeating: 0, count: vectors.student.count)
    }

    /// Adds a job's sum. Call in the order of the jobs' ordinals: fp32 addition is not associative, and equal bits for
    /// any fleet are the promise.
    func add(_ gradient: [Float]) {
        sum.withUnsafeMutableBufferPointer { sum in
            gradient.withUnsafeBufferPointer { gradient in
                for index in 0..<sum.count { sum[index] += gradient[index] }
            }
        }
    }

    /// Turns the sum into the next weights and starts a new sum.
    ///
    /// - Parameters:
    ///   - units: what the sum stands for; zero leaves the weights as they are.
    ///   - samplesBefore: images applied before this step, by which the schedule advances.
    func apply(units: Int, samplesBefore: Int) -> Outcome {
        defer { sum = [Float](repeating: 0, count: sum.count) }
        let learningRate = plan.learningRate(afterSamples: samplesBefore)
        guard units > 0 else {
            return Outcome(gradientNorm: 0, learningRate: learningRate, isFinite: true, vectors: vectors)
        }
        updateCount += 1
        let norm = GlobalNorm.norm(of: sum) / Double(units)
        let clip = plan.clipping.map { Double($0.scale(forNorm: norm)) } ?? 1
        plan.optimizer.update(
            &vectors.student,
            firstMoment: &vectors.moment1,
            secondMoment: &vectors.moment2,
            gradient: sum,
            step: updateCount,
            learningRate: learningRate,
            gradientScale: Float(clip / Double(units)),
            slices: plan.settings
        )
        let isFinite = norm.isFinite && GlobalNorm.norm(of: vectors.student).isFinite
        return Outcome(gradientNorm: norm, learningRate: learningRate, isFinite: isFinite, vectors: vectors)
    }
}
