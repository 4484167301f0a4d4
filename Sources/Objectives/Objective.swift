package import Datasets
package import Layers
package import Tensors

/// What is optimised: how a sample becomes views, how views and weights become a loss, and which parameters train.
///
/// An objective holds settings only. Weights come as trees, whose trained tensors are variables; so the same objective
/// serves a worker, an offline gradient and a test, and nothing it computed before can touch what it computes next.
///
/// The loss is always a *sum* over units with its count. Jobs add both, the aggregator divides once, and any cut into
/// jobs and graphs gives the gradient of one big batch up to rounding. An objective that combines several terms reduces
/// each per image and counts images.
package protocol Objective: Sendable {
    /// All that the loss needs of one sample, pixels included; drawn once, from the sample's seed alone.
    associatedtype Views: Sendable
    /// What the teacher is shown to say one target; made only when the target is not known already.
    associatedtype TeacherView: Sendable

    var unit: LossUnit { get }
    var teacherPolicy: TeacherPolicy { get }
    /// Samples that share one graph. Contrastive objectives want their whole job here, others as little as memory asks.
    var samplesPerGraph: Int { get }

    /// The most units that so many samples can make, whatever their annotations; a gradient that claims more is refused.
    func maximumUnits(samples: Int) -> Int

    /// Asks for every parameter that the student reads, in canonical order; lists shapes or draws a random start.
    func readParameters(_ scope: ParameterScope) throws

    /// The slices that train; a recipe's rules may freeze more, never less.
    func trainableLayout() throws -> ParameterLayout

    /// Turns a decoded sample into views; a pure function of the sample, its pixels and its seed.
    func views(of sample: LoadedSample, seed: SampleSeed) -> Views

    /// How many targets the loss of these views compares with.
    func targetCount(of views: Views) -> Int

    /// What the teacher is shown for some targets of a sample.
    ///
    /// - Parameter indices: each from 0 up to `targetCount(of:)`.
    func teacherViews(of views: Views, _ indices: [Int]) -> [TeacherView]

    /// What the teacher says of what it is shown.
    ///
    /// - Parameter teacher: every parameter without history; nil under `TeacherPolicy.none`.
    /// - Returns: `[teacherViews.count, E]` without history; nil where there is nothing to show.
    func targets(
        of teacherViews: [TeacherView],
        teacher: ParameterTree?,
        on backend: any Backend
    ) throws -> Tensor?

    /// How targets may be kept beyond the graph that asks for them; nil where each graph asks its teacher anew, because
    /// the recipe says so or because the teacher changes.
    var targetRule: TargetRule? { get }

    /// What of the picture decides each target of a sample, in the order of the views'; needs no pixels.
    ///
    /// Called only where there is a `targetRule`, as is `targetProbe`.
    func targetCrops(of sample: Sample, seed: SampleSeed) -> [CropRectangle]

    /// Some view by whose target teachers, and machines that round differently, are told apart.
    var targetProbe: TeacherView? { get }

    /// The loss of up to `samplesPerGraph` samples.
    ///
    /// - Parameters:
    ///   - targets: one row a target of each of the views, in order; nil for none.
    ///   - student: every parameter, those of the layout as variables.
    func loss(
        of views: [Views],
        targets: Tensor?,
        student: ParameterTree,
        on backend: any Backend
    ) throws -> ObjectiveLoss

    /// What a person should look at to believe the views.
    func pictures(of views: Views) -> [InspectionPicture]
}

extension Objective {
    package var targetRule: TargetRule? { nil }
    package func targetCrops(of sample: Sample, seed: SampleSeed) -> [CropRectangle] { [] }
    package var targetProbe: TeacherView? { nil }

    /// The loss against what the teacher says now.
    package func loss(
        of views: [Views],
        student: ParameterTree,
        teacher: ParameterTree?,
        on backend: any Backend
    ) throws -> ObjectiveLoss {
        // Targets first: their activations are gone before the student's graph grows.
        let shown = views.flatMap { teacherViews(of: $0, Array(0..<targetCount(of: $0))) }
        let targets = try targets(of: shown, teacher: teacher, on: backend)
        return try loss(of: views, targets: targets, student: student, on: backend)
    }

    /// What the student reads, in canonical order; shapes only.
    package func parameters() throws -> [Parameter] {
        try Parameter.all { try readParameters($0) }
    }
}
