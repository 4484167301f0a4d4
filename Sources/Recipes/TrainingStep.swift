package import Datasets
package import Layers
package import Objectives
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
    /// nil where there is none, or where each version brings its own.
    private let frozenTeacher: ParameterTree?
    private let backend: any Backend
    private let kept: (scope: TargetScope, cache: any TargetCache)?
    private let afterGraph: @Sendable () -> Void

    /// - Parameters:
    ///   - base: `plan.base(frozen:on:)`.
    ///   - teacher: a frozen one, in the order of `plan.teacher`: the student of version 0.
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
            try Self.checkLength(flat, plan.teacher.count, of: "teacher")
            return try plan.teacher.unflattened(flat, into: base, on: backend)
        }
        frozenTeacher = teacher
        let source = plan.objective.targetSource == .frozenPart ? base : teacher
        guard let cache, let source,
            let scope = try TargetScope(plan.objective, parameters: plan.parameters, teacher: source, on: backend)
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
        return try await gradient(of: JobSamples(samples, epoch: epoch), at: weights(student))
    }

    /// Puts a version's weights where a step reads them.
    ///
    /// - Parameters:
    ///   - student: in the order of `plan.student`.
    ///   - teacher: a moving one, in the order of `plan.teacher`; nil for the frozen one, or none.
    ///   - centre: `[plan.centreSize]`; nil for the zeros of version 0.
    package func weights(
        _ student: [Float],
        teacher: [Float]? = nil,
        centre: [Float]? = nil
    ) throws -> VersionWeights {
        try Self.checkLength(student, plan.student.count, of: "student")
        let tree = try plan.tree(student: student, over: base, on: backend)
        let moving = try teacher.map { flat in
            try Self.checkLength(flat, plan.teacher.count, of: "teacher")
            return try plan.teacher.unflattened(flat, into: tree, on: backend)
        }
        let centre = centre ?? [Float](zeros: plan.centreSize)
        try Self.checkLength(centre, plan.centreSize, of: "centre")
        return VersionWeights(
            differentiation: try ValueAndGradient(tree, trains: plan.student),
            teacher: moving ?? frozenTeacher,
            centre: centre
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
        try await gradient(of: JobSamples(samples, epoch: epoch), at: weights(student))
    }

    /// The same for weights that are in place.
    ///
    /// - Parameter update: the rows of all samples of the update, where the objective compares them: see `peerRows`.
    /// - Returns: `[plan.payloadCount]`, the gradient and behind it the objective's statistics.
    package func gradient(
        of job: JobSamples,
        at version: VersionWeights,
        among update: PeerRows? = nil
    ) async throws -> (gradient: [Float], report: StepReport) {
        try await sum(plan.objective, job, version, among: update)
    }

    /// What the samples of a job must know of each other, and of those of other jobs, before any has a gradient.
    ///
    /// Samples that nobody can use have no row.
    package func peerRows(
        of job: JobSamples,
        at version: VersionWeights
    ) async throws -> (rows: PeerRows, report: StepReport) {
        try await rows(plan.objective, job, version)
    }

    private func rows<O: Objective>(
        _ objective: O,
        _ job: JobSamples,
        _ version: VersionWeights
    ) async throws -> (rows: PeerRows, report: StepReport) {
        var rows: PeerRows?
        var report = StepReport()
        try await eachGraph(objective, job, asksTeacher: false) { graph in
            report.badSamples += graph.badSamples
            report.phases += graph.phases
            report.samples += graph.samples.count
            guard !graph.views.isEmpty else { return }
            let more = try report.phases.measure(.forward) {
                try objective.peerRows(of: graph.views, student: version.parameters, on: backend)
            }
            rows = rows.map { $0 + more } ?? more
        }
        guard let rows else { return (PeerRows(width: objective.peerRowSize), report) }
        guard rows.values.allSatisfy(\.isFinite) else { throw TrainingError.nonFinite(samples: job.ids) }
        return (rows, report)
    }

    private func sum<O: Objective>(
        _ objective: O,
        _ job: JobSamples,
        _ version: VersionWeights,
        among update: PeerRows?
    ) async throws -> (gradient: [Float], report: StepReport) {
        let peers = try await peers(of: job, version, among: update)
        var gradient = [Float](zeros: plan.student.count)
        var statistics = [Float](zeros: objective.statisticCount)
        var report = StepReport()
        try await eachGraph(objective, job, asksTeacher: true) { graph in
            let context = LossContext(centre: version.centre, peers: try peers?.set(of: graph.samples))
            try add(graph, of: objective, version, context, to: &gradient, &statistics, &report)
        }
        let norm = gradient.isEmpty ? 0 : GlobalNorm.norm(ofBlockSums: blockSums(of: gradient))
        guard norm.isFinite, statistics.allSatisfy(\.isFinite) else {
            throw TrainingError.nonFinite(samples: job.ids)
        }
        report.norm = report.units > 0 ? norm / Double(report.units) : 0
        return (gradient + statistics, report)
    }

    /// The rows that the job's samples are compared with; nil where a graph compares its own.
    private func peers(
        of job: JobSamples,
        _ version: VersionWeights,
        among update: PeerRows?
    ) async throws -> PeerRows? {
        switch plan.objective.peerScope {
        case .none: nil
        // A job that fits one graph compares what that graph computes.
        case .job where job.ids.count <= plan.objective.samplesPerGraph: nil
        case .job: try await peerRows(of: job, at: version).rows
        case .update: update
        }
    }

    private func eachGraph<O: Objective>(
        _ objective: O,
        _ job: JobSamples,
        asksTeacher: Bool,
        _ body: (LoadedGraph<O>) throws -> Void
    ) async throws {
        let loader = GraphLoader(
            objective: objective,
            dataset: dataset,
            runSeed: runSeed,
            job: job,
            asksTeacher: asksTeacher,
            kept: kept
        )
        var graph = try await loader.load(from: 0)
        while true {
            // One graph ahead and no further: a graph's pixels are small beside its activations, a job's might not be.
            let end = graph.end
            async let next = end < job.ids.count ? loader.load(from: end) : nil
            try Task.checkCancellation()
            try body(graph)
            guard let following = try await next else { break }
            graph = following
        }
    }

    /// Computes one graph; without usable samples there is none.
    private func add<O: Objective>(
        _ graph: LoadedGraph<O>,
        of objective: O,
        _ version: VersionWeights,
        _ context: LossContext,
        to gradient: inout [Float],
        _ statistics: inout [Float],
        _ report: inout StepReport
    ) throws {
        report.badSamples += graph.badSamples
        report.phases += graph.phases
        guard !graph.views.isEmpty else { return }
        report.targets.found += graph.known.count - graph.shown.count
        report.targets.computed += graph.shown.count
        // Targets first: their activations are gone before the student's graph grows.
        let targets = try report.phases.measure(.teacher) { try self.targets(of: graph, objective, version) }
        let loss = try report.phases.measure(.forward) {
            try objective.loss(
                of: graph.views,
                targets: targets,
                in: context,
                student: version.parameters,
                on: backend
            )
        }
        if let total = loss.total {
            try report.phases.measure(.backward) { _ = try version.differentiation(addingTo: &gradient) { total } }
        }
        for (index, value) in zip(statistics.indices, loss.statistics) { statistics[index] += value }
        report.add(loss, samples: graph.samples.count)
        guard report.loss.isFinite else { throw TrainingError.nonFinite(samples: graph.samples) }
        afterGraph()
    }

    /// What is known and what is said of the rest by whom the objective asks: `[R, E]`, unit rows without history.
    ///
    /// Where targets may be kept all of them are rounded, found or computed, cache or none, so that the rows have the same
    /// bits in each case. The teacher's are the same in whatever company a crop is: rows of a product are independent.
    private func targets<O: Objective>(
        of graph: LoadedGraph<O>,
        _ objective: O,
        _ version: VersionWeights
    ) throws -> Tensor? {
        let source = objective.targetSource == .frozenPart ? base : version.teacher
        let computed = try objective.targets(of: graph.shown, teacher: source, on: backend)
        guard let rule = objective.targetRule, !graph.known.isEmpty else { return computed }
        let size = rule.size
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
                let target = RoundedTarget(rounding: numbers, rows: rule.rows)
                _ = target.map { row.update(fromContentsOf: $0.floats) } ?? row.update(fromContentsOf: numbers)
                if let target, index < graph.keys.count { fresh[graph.keys[index]] = target }
            }
        }
        if !fresh.isEmpty { kept?.cache.keep(fresh) }
        return rounded.reshaped(to: [graph.known.count * rule.rows, size / rule.rows]).l2Normalized(epsilon: 1e-12)
            .detached()
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

    private static func checkLength(_ flat: [Float], _ count: Int, of vector: String) throws {
        guard flat.count == count else {
            throw TrainingError.wrongLength(vector: vector, expected: count, found: flat.count)
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
