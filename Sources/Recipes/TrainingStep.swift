package import Datasets
package import Layers
import Objectives
import Optimizers
package import Tensors

/// The work of one job: samples in, gradient sum out; the same code for a worker and for `stillhouse gradient`.
///
/// The result is a function of weights, run seed, epoch and sample ids alone, whoever computes it and after whatever.
/// Pictures are read and differentiated a graph at a time, so memory does not grow with the job.
package struct TrainingStep {
    package let plan: TrainingPlan
    package let dataset: Dataset
    package let runSeed: UInt64
    private let base: ParameterTree
    private let teacher: ParameterTree?
    private let backend: any Backend
    private let afterGraph: @Sendable () -> Void

    /// - Parameters:
    ///   - base: `plan.base(frozen:on:)`.
    ///   - teacher: in the order of `plan.student`; for a frozen teacher the student of version 0.
    ///   - afterGraph: called whenever some pictures are differentiated, in the midst of a job.
    package init(
        _ plan: TrainingPlan,
        dataset: Dataset,
        runSeed: UInt64,
        base: ParameterTree,
        teacher: [Float]?,
        on backend: any Backend,
        afterGraph: @escaping @Sendable () -> Void = {}
    ) throws {
        self.afterGraph = afterGraph
        self.plan = plan
        self.dataset = dataset
        self.runSeed = runSeed
        self.base = base
        self.backend = backend
        self.teacher = try teacher.map { flat in
            try Self.checkLength(flat, of: "teacher", in: plan)
            return try plan.tree(student: flat, over: base, on: backend)
        }
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
        try Self.checkLength(student, of: "student", in: plan)
        return try await sum(plan.objective, samples, epoch: epoch, student: student)
    }

    private func sum<O: Objective>(
        _ objective: O,
        _ ids: [Int64],
        epoch: Int,
        student: [Float]
    ) async throws -> (gradient: [Float], report: StepReport) {
        let differentiation = try ValueAndGradient(
            plan.tree(student: student, over: base, on: backend),
            trains: plan.student
        )
        var gradient = [Float](zeros: plan.student.count)
        var report = StepReport()
        var pending: [(id: Int64, views: O.Views)] = []

        func flush() throws {
            guard !pending.isEmpty else { return }
            // Targets first: their activations are gone before the student's graph grows.
            let shown = report.phases.measure(.prepare) {
                pending.flatMap { objective.teacherViews(of: $0.views, Array(0..<objective.targetCount(of: $0.views))) }
            }
            let targets = try report.phases.measure(.teacher) {
                try objective.targets(of: shown, teacher: teacher, on: backend)
            }
            let loss = try report.phases.measure(.forward) {
                try objective.loss(
                    of: pending.map(\.views),
                    targets: targets,
                    student: differentiation.parameters,
                    on: backend
                )
            }
            if let total = loss.total {
                try report.phases.measure(.backward) { _ = try differentiation(addingTo: &gradient) { total } }
            }
            report.add(loss, samples: pending.count)
            guard report.loss.isFinite else { throw TrainingError.nonFinite(samples: pending.map(\.id)) }
            pending.removeAll(keepingCapacity: true)
            afterGraph()
        }

        for id in ids {
            try Task.checkCancellation()
            switch try await report.phases.measure(.decode, { try await dataset.load(id) }) {
            case .bad(let sample):
                report.badSamples.append(.init(sample))
            case .loaded(let sample):
                let seed = SampleSeed(run: runSeed, epoch: epoch, sample: id)
                pending.append((id, report.phases.measure(.prepare) { objective.views(of: sample, seed: seed) }))
                if pending.count == objective.samplesPerGraph { try flush() }
            }
        }
        try flush()
        let norm = gradient.isEmpty ? 0 : GlobalNorm.norm(ofBlockSums: blockSums(of: gradient))
        guard norm.isFinite else { throw TrainingError.nonFinite(samples: ids) }
        report.norm = report.units > 0 ? norm / Double(report.units) : 0
        return (gradient, report)
    }

    private func blockSums(of gradient: [Float]) -> [Double] {
        GlobalNorm.blockSums(of: Tensor(gradient, [gradient.count], on: backend).value)
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
