package import Datasets
package import Layers
import Objectives
import Optimizers
package import Tensors

/// The work of one job: samples in, gradient sum out; the same code for a worker and for `stillhouse gradient`.
///
/// The result is a function of weights, run seed, epoch and sample ids alone, whoever computes it and after whatever, and
/// whatever targets were known. Pictures are read and differentiated a graph at a time, so memory does not grow with the
/// job; while a graph is computed the next one is loaded.
package struct TrainingStep {
    package let plan: TrainingPlan
    package let dataset: Dataset
    package let runSeed: UInt64
    private let base: ParameterTree
    private let teacher: ParameterTree?
    private let backend: any Backend
    private let kept: (scope: TargetScope, cache: any TargetCache)?
    private let afterGraph: @Sendable () -> Void

    /// - Parameters:
    ///   - base: `plan.base(frozen:on:)`.
    ///   - teacher: in the order of `plan.student`; for a frozen teacher the student of version 0.
    ///   - targets: where targets may be known; without, all are computed, to the same bits.
    ///   - afterGraph: called whenever some pictures are differentiated, in the midst of a job.
    package init(
        _ plan: TrainingPlan,
        dataset: Dataset,
        runSeed: UInt64,
        base: ParameterTree,
        teacher: [Float]?,
        targets cache: (any TargetCache)? = nil,
        on backend: any Backend,
        afterGraph: @escaping @Sendable () -> Void = {}
    ) throws {
        self.afterGraph = afterGraph
        self.plan = plan
        self.dataset = dataset
        self.runSeed = runSeed
        self.base = base
        self.backend = backend
        let teacher = try teacher.map { flat in
            try Self.checkLength(flat, of: "teacher", in: plan)
            return try plan.tree(student: flat, over: base, on: backend)
        }
        self.teacher = teacher
        guard let cache, let teacher,
            let scope = try TargetScope(plan.objective, parameters: plan.parameters, teacher: teacher, on: backend)
        else {
            kept = nil
            return
        }
        kept = (scope, cache)
    }

    /// Computes the gradient of a job.
    ///
    /// - Parameters:
    ///   - positions: consecutive places of the epoch's order; a job's `first_index` and `n_samples`.
    ///   - student: in the order of `plan.student`.
    ///   - excluded: samples to leave out unseen; the others give the same bits as if these could not be decoded.
    /// - Throws: `DatasetError` for a picture that another machine might read, `TrainingError` for a gradient that is
    ///   no number. A picture that nobody can use is reported and passed over.
    package func callAsFunction(
        epoch: Int,
        positions: Range<Int>,
        student: [Float],
        excluding excluded: Set<Int64> = []
    ) async throws -> (gradient: [Float], report: StepReport) {
        let samples = try samples(epoch: epoch, positions: positions).filter { !excluded.contains($0) }
        return try await gradient(of: samples, epoch: epoch, student: student)
    }

    /// Puts a version's weights where a step reads them.
    package func weights(_ student: [Float]) throws -> StudentWeights {
        try Self.checkLength(student, of: "student", in: plan)
        return StudentWeights(
            differentiation: try ValueAndGradient(
                plan.tree(student: student, over: base, on: backend),
                trains: plan.student
            )
        )
    }

    /// The samples at consecutive places of the epoch's order.
    package func samples(epoch: Int, positions: Range<Int>) throws -> [Int64] {
        let order = EpochOrder(runSeed: runSeed, epoch: epoch, count: dataset.count)
        guard positions.lowerBound >= 0, positions.upperBound <= order.count else {
            throw TrainingError.positionsOutsideEpoch(positions, count: order.count)
        }
        return order[positions]
    }

    /// The same for samples given by id, in this order.
    package func gradient(
        of samples: [Int64],
        epoch: Int,
        student: [Float]
    ) async throws -> (gradient: [Float], report: StepReport) {
        try await gradient(of: samples, epoch: epoch, student: weights(student))
    }

    /// The same for weights that are in place.
    package func gradient(
        of samples: [Int64],
        epoch: Int,
        student: StudentWeights
    ) async throws -> (gradient: [Float], report: StepReport) {
        try await sum(plan.objective, samples, epoch: epoch, student.differentiation)
    }

    private func sum<O: Objective>(
        _ objective: O,
        _ ids: [Int64],
        epoch: Int,
        _ differentiation: ValueAndGradient
    ) async throws -> (gradient: [Float], report: StepReport) {
        let loader = GraphLoader(
            objective: objective,
            dataset: dataset,
            runSeed: runSeed,
            epoch: epoch,
            ids: ids,
            kept: kept
        )
        var gradient = [Float](zeros: plan.student.count)
        var report = StepReport()
        var graph = try await loader.load(from: 0)
        while true {
            // One graph ahead and no further: a graph's pixels are small beside its activations, a job's might not be.
            let end = graph.end
            async let next = end < ids.count ? loader.load(from: end) : nil
            try Task.checkCancellation()
            try add(graph, of: objective, differentiation, to: &gradient, &report)
            guard let following = try await next else { break }
            graph = following
        }
        let norm = gradient.isEmpty ? 0 : GlobalNorm.norm(ofBlockSums: blockSums(of: gradient))
        guard norm.isFinite else { throw TrainingError.nonFinite(samples: ids) }
        report.norm = report.units > 0 ? norm / Double(report.units) : 0
        return (gradient, report)
    }

    /// Computes one graph; without usable samples there is none.
    private func add<O: Objective>(
        _ graph: LoadedGraph<O>,
        of objective: O,
        _ differentiation: ValueAndGradient,
        to gradient: inout [Float],
        _ report: inout StepReport
    ) throws {
        report.badSamples += graph.badSamples
        report.phases += graph.phases
        guard !graph.views.isEmpty else { return }
        report.targets.found += graph.known.count - graph.shown.count
        report.targets.computed += graph.shown.count
        // Targets first: their activations are gone before the student's graph grows.
        let targets = try report.phases.measure(.teacher) { try self.targets(of: graph, objective) }
        let loss = try report.phases.measure(.forward) {
            try objective.loss(
                of: graph.views,
                targets: targets,
                student: differentiation.parameters,
                on: backend
            )
        }
        if let total = loss.total {
            try report.phases.measure(.backward) { _ = try differentiation(addingTo: &gradient) { total } }
        }
        report.add(loss, samples: graph.samples.count)
        guard report.loss.isFinite else { throw TrainingError.nonFinite(samples: graph.samples) }
        afterGraph()
    }

    /// What is known and what the teacher says of the rest: `[R, E]`, unit rows without history.
    ///
    /// Where targets may be kept all of them are rounded, found or computed, cache or none, so that the rows have the same
    /// bits in each case. The teacher's are the same in whatever company a crop is: rows of a product are independent.
    private func targets<O: Objective>(of graph: LoadedGraph<O>, _ objective: O) throws -> Tensor? {
        let computed = try objective.targets(of: graph.shown, teacher: teacher, on: backend)
        guard let size = objective.targetRule?.size, !graph.known.isEmpty else { return computed }
        let rows = computed?.floats ?? []
        var fresh: [TargetKey: RoundedTarget] = [:]
        var taken = 0
        let rounded = Tensor([graph.known.count, size], on: backend) { values in
            for (index, known) in graph.known.enumerated() {
                let row = UnsafeMutableBufferPointer(rebasing: values[index * size..<(index + 1) * size])
                if let known {
                    _ = row.update(fromContentsOf: known.floats)
                    continue
                }
                let numbers = rows[taken * size..<(taken + 1) * size]
                taken += 1
                // What is no unit vector stays as it is, and makes the loss what it makes of it.
                let target = RoundedTarget(rounding: numbers)
                _ = target.map { row.update(fromContentsOf: $0.floats) } ?? row.update(fromContentsOf: numbers)
                if let target, index < graph.keys.count { fresh[graph.keys[index]] = target }
            }
        }
        if !fresh.isEmpty { kept?.cache.keep(fresh) }
        return rounded.l2Normalized(epsilon: 1e-12).detached()
    }

    /// In parts, so that no second gradient is laid out to measure the first.
    private func blockSums(of gradient: [Float]) -> [Double] {
        let part = 64 * GlobalNorm.blockSize
        return stride(from: 0, to: gradient.count, by: part).flatMap { start in
            let numbers = gradient[start..<min(start + part, gradient.count)]
            let copy = Tensor([numbers.count], on: backend) { _ = $0.update(fromContentsOf: numbers) }
            return GlobalNorm.blockSums(of: copy.value)
        }
    }

    private static func checkLength(_ flat: [Float], of vector: String, in plan: TrainingPlan) throws {
        guard flat.count == plan.student.count else {
            throw TrainingError.wrongLength(vector: vector, expected: plan.student.count, found: flat.count)
        }
    }
}

extension StepReport {
    fileprivate mutating func add(_ loss: ObjectiveLoss, samples: Int) {
        self.samples += samples
        units += loss.units
        self.loss += loss.terms.first?.sum ?? 0
        terms.add(loss.terms)
    }
}
