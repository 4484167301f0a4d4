package import Objectives
import Optimizers
import Postgres
package import Tensors

/// The weights of one run with their moments, teacher and centre, and the sum of the step's payloads: what the
/// aggregator keeps in memory.
///
/// Runs on a thread of its own, since summing hundreds of megabytes would hold up every other task. All of it can be
/// computed again from the newest durable version and the gradients since.
package actor OptimizerState {
    /// What one update did.
    package struct Outcome: Sendable {
        /// Of the mean gradient, before clipping.
        package var gradientNorm: Double
        package var learningRate: Double
        /// False when a new number is not a finite one; then nothing may be published.
        package var isFinite: Bool
        /// What the objective wants people to watch.
        package var metrics: [String: Double] = [:]
    }

    private let executor = ThreadExecutor(name: "aggregator")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let rule: UpdateRule
    private var part: AdamW.Part
    /// Empty unless the teacher moves.
    private var teacher: TensorValue
    private var centre: [Float]
    private var sum: TensorValue
    private var statistics: TensorValue
    /// Updates applied so far, which AdamW's bias correction counts; a step without units is none.
    private var updateCount: Int
    /// Images applied so far, by which the schedule advances.
    private var sampleCount: Int

    /// - Parameter vectors: of a durable version; without moments those of a run's start, zeros.
    package init(
        _ vectors: VersionVectors,
        updateCount: Int,
        sampleCount: Int,
        rule: UpdateRule,
        backend: any Backend
    ) {
        func value(_ flat: [Float]) -> TensorValue { Tensor(flat, [flat.count], on: backend).value }
        let shape: Shape = [vectors.student.count]
        self.rule = rule
        self.updateCount = updateCount
        self.sampleCount = sampleCount
        part = AdamW.Part(
            weights: value(vectors.student),
            moment1: vectors.moments.map { value($0.first) } ?? backend.filled(shape, with: 0),
            moment2: vectors.moments.map { value($0.second) } ?? backend.filled(shape, with: 0)
        )
        teacher = value(vectors.teacher)
        centre = vectors.centre
        sum = backend.filled(shape, with: 0)
        statistics = backend.filled([rule.statisticCount], with: 0)
    }

    /// Adds a job's sums. Call in the order of the jobs' ordinals: fp32 addition is not associative, and equal bits for
    /// any fleet are the promise.
    ///
    /// - Parameters:
    ///   - payload: the gradient, and the statistics behind it.
    ///   - scale: of the gradient, below 1 where the gate has clipped it. Statistics say what samples were like, which
    ///     no clipping changes.
    package func add(_ payload: [Float], scale: Double = 1) {
        let backend = sum.backend
        let (gradient, more) = parts(of: payload)
        backend.accumulate(gradient, scaledBy: scale, into: &sum)
        if more.count > 0 { backend.accumulate(more, scaledBy: 1, into: &statistics) }
    }

    /// Of the gradient in a payload, as the worker computed it, so that equal kernels give equal bits; not finite as
    /// soon as one value is not, of the gradient or behind it.
    package func norm(of payload: [Float]) -> Double {
        let (gradient, more) = parts(of: payload)
        guard more.count == 0 || more.backend.isFinite(more) else { return .nan }
        return GlobalNorm.norm(ofBlockSums: GlobalNorm.blockSums(of: gradient))
    }

    private func parts(of payload: [Float]) -> (gradient: TensorValue, statistics: TensorValue) {
        precondition(payload.count == sum.count + statistics.count, "a payload of \(payload.count) numbers")
        let value = Tensor(payload, [payload.count], on: sum.backend).value
        return (value.leadingSlice(0..<sum.count), value.leadingSlice(sum.count..<payload.count))
    }

    /// Forgets what was added since the last update.
    package func discardSum() {
        sum = sum.backend.filled(sum.shape, with: 0)
        statistics = sum.backend.filled(statistics.shape, with: 0)
    }

    /// Turns the sum into the next weights, lets teacher and centre follow, and starts a new sum.
    ///
    /// - Parameters:
    ///   - units: what the sum stands for; zero leaves everything as it is.
    ///   - samples: images that it took.
    ///   - terms: of the loss, as the jobs have summed them up.
    package func apply(units: Int, samples: Int, terms: [LossTerm] = []) -> Outcome {
        defer {
            discardSum()
            sampleCount += samples
        }
        let learningRate = rule.learningRate(sampleCount)
        guard units > 0 else { return Outcome(gradientNorm: 0, learningRate: learningRate, isFinite: true) }
        updateCount += 1
        let watched = addPenalty(units: units)
        let held = rule.heldRanges(sampleCount)
        sum = Self.cleared(sum, at: held)
        let norm = GlobalNorm.norm(ofBlockSums: GlobalNorm.blockSums(of: sum)) / Double(units)
        let clip = rule.clipping?.scale(forNorm: norm) ?? 1
        rule.optimizer.update(
            &part,
            gradient: sum,
            step: updateCount,
            learningRate: learningRate,
            gradientScale: clip / Double(units),
            settings: rule.settings.filter { setting in !held.contains { $0.overlaps(setting.range) } }
        )
        part.weights = bounded(part.weights)
        // From the new student, as the papers on self-distillation have it.
        if let follow = rule.teacher {
            follow.average.update(&teacher, towards: followed(follow.ranges), samples: samples)
        }
        let summary = UpdateSummary(
            statistics: Tensor(statistics).floats,
            samples: samples,
            samplesPerUpdate: rule.samplesPerUpdate,
            terms: terms
        )
        let metrics = rule.conclude(summary, &centre).merging(watched) { $1 }
        let backend = part.weights.backend
        let isFinite =
            norm.isFinite && backend.isFinite(part.weights) && (teacher.count == 0 || backend.isFinite(teacher))
            && centre.allSatisfy(\.isFinite)
        return Outcome(gradientNorm: norm, learningRate: learningRate, isFinite: isFinite, metrics: metrics)
    }

    /// Adds the term that no sample decides, so that the sum's mean has it exactly once; says what people should watch.
    private func addPenalty(units: Int) -> [String: Double] {
        guard let (places, term) = rule.penalty else { return [:] }
        let backend = sum.backend
        let penalty = backend.withFloats(of: part.weights) { term(Array($0[places])) }
        precondition(penalty.gradient.count == places.count, "a penalty has one number for each of its parameter's")
        let old = sum
        sum = backend.value(old.shape) { target in
            backend.withFloats(of: old) { _ = target.update(fromContentsOf: $0) }
            for (place, number) in zip(places, penalty.gradient) { target[place] += Float(units) * number }
        }
        return penalty.metrics
    }

    /// A vector with zeros at some places, which do not overlap.
    private static func cleared(_ vector: TensorValue, at ranges: [Range<Int>]) -> TensorValue {
        guard !ranges.isEmpty else { return vector }
        let backend = vector.backend
        var (pieces, end): ([TensorValue], Int) = ([], 0)
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
            if end < range.lowerBound { pieces.append(vector.leadingSlice(end..<range.lowerBound)) }
            pieces.append(backend.filled([range.count], with: 0))
            end = range.upperBound
        }
        if end < vector.count { pieces.append(vector.leadingSlice(end..<vector.count)) }
        return backend.concatenated(pieces, axis: 0)
    }

    /// Brings back what has left its bounds. What is no number stays none, to be found out.
    private func bounded(_ weights: TensorValue) -> TensorValue {
        let backend = weights.backend
        let isWithin = backend.withFloats(of: weights) { values in
            rule.bounds.allSatisfy { bound in bound.places.allSatisfy { bound.range.contains(values[$0]) } }
        }
        guard !isWithin else { return weights }
        return backend.value(weights.shape) { target in
            backend.withFloats(of: weights) { _ = target.update(fromContentsOf: $0) }
            for (places, range) in rule.bounds {
                for place in places { target[place] = min(max(target[place], range.lowerBound), range.upperBound) }
            }
        }
    }

    /// The student's numbers of which the teacher has its own, in the teacher's order.
    private func followed(_ ranges: [Range<Int>]) -> TensorValue {
        var joined: [Range<Int>] = []
        for range in ranges {
            if let last = joined.last, last.upperBound == range.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<range.upperBound
            } else {
                joined.append(range)
            }
        }
        let pieces = joined.map(part.weights.leadingSlice)
        return pieces.count == 1 ? pieces[0] : part.weights.backend.concatenated(pieces, axis: 0)
    }

    /// A copy of what every version publishes.
    package var published: VersionVectors {
        VersionVectors(
            student: Tensor(part.weights).floats,
            teacher: teacher.count == 0 ? [] : Tensor(teacher).floats,
            centre: centre
        )
    }

    /// A copy of everything: what a durable version holds.
    package var durable: VersionVectors {
        var vectors = published
        vectors.moments = .init(first: Tensor(part.moment1).floats, second: Tensor(part.moment2).floats)
        return vectors
    }
}
