import Recipes
import Tensors

/// What `bench step --recipe` found: one job by phase and by kernel.
package struct StepMeasurement: Codable, Hashable, Sendable {
    /// A stretch of the step; their seconds add up to no more than the step's.
    package struct Phase: Codable, Hashable, Sendable {
        package let name: String
        package let seconds: Spread
        /// Of the whole step at the median, 1 being all.
        package let share: Double
    }

    package let machine: BenchMachine
    package let peak: MeasuredPeak
    package let recipe: String
    package let model: String
    package let rounds: Int
    /// Pictures that entered the gradient, and loss units (boxes for CLIPSelf) behind it.
    package let pictures: Int
    package let units: Int
    /// Of the whole step: pictures in, encoded gradient out.
    package let seconds: Spread
    package let picturesPerSecond: Double
    package let operations: Int
    package let operationsPerSecond: Double
    /// Of the multiply-adds measured in this run, 1 being all.
    package let shareOfPeak: Double
    package let floorSeconds: Double
    package let ratioToFloor: Double
    /// Of the step's time in products and attention, 1 being all.
    package let productAndAttentionShare: Double
    package let peakResidentBytes: Int
    /// Of the encoded gradient.
    package let gradientBytes: Int
    /// `decode`, `prepare` (crop and resize), `teacher`, `forward`, `backward`, `encode`, and `other`, the rest.
    package let phases: [Phase]
    /// By time, longest first.
    package let kernels: [KernelMeasurement]
    /// Phases of a worker's step that are no part of this, as they need a database.
    package let leftOut: [String]
}

extension StepMeasurement {
    /// One round.
    struct Pass {
        let report: StepReport
        let computing: Double
        let encoding: Double
        let gradientBytes: Int
        let usage: [Primitive: PrimitiveUsage]

        var total: Double { computing + encoding }
    }

    /// - Parameter passes: at least one, all of the same pictures.
    init(_ passes: [Pass], recipe: String, model: String, peak: MeasuredPeak, peakResidentBytes: Int) {
        let last = passes[passes.count - 1]
        let total = Spread(passes.map(\.total))
        let kernels = Primitive.allCases.compactMap { KernelMeasurement($0, in: passes, peak: peak) }
            .sorted { $0.seconds.median > $1.seconds.median }
        let operations = kernels.reduce(0) { $0 + $1.operations }
        let floor = kernels.reduce(0) { $0 + $1.floorSeconds }
        let core = passes.map { pass in
            pass.usage.reduce(0) { $0 + ($1.key.isProductOrAttention ? $1.value.seconds : 0) } / pass.total
        }
        machine = .read()
        self.peak = peak
        (self.recipe, self.model, rounds) = (recipe, model, passes.count)
        (pictures, units) = (last.report.samples, last.report.units)
        seconds = total
        picturesPerSecond = Double(last.report.samples) / total.median
        self.operations = operations
        operationsPerSecond = Double(operations) / total.median
        shareOfPeak = operationsPerSecond / peak.operationsPerSecond.median
        floorSeconds = floor
        ratioToFloor = floor > 0 ? total.median / floor : 0
        productAndAttentionShare = Spread(core).median
        self.peakResidentBytes = peakResidentBytes
        gradientBytes = last.gradientBytes
        phases = Self.phases(of: passes, total: total)
        self.kernels = kernels
        leftOut = ["push", "wait"]
    }

    private static func phases(of passes: [Pass], total: Spread) -> [Phase] {
        func phase(_ name: String, _ seconds: (Pass) -> Double) -> Phase {
            let spread = Spread(passes.map(seconds))
            return Phase(name: name, seconds: spread, share: spread.median / total.median)
        }
        return StepPhase.allCases.map { place in phase(place.rawValue) { $0.report.phases[place] } }
            + [phase("encode", \.encoding), phase("other") { max($0.computing - $0.report.phases.total, 0) }]
    }
}
