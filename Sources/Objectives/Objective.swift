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

    /// Why a sample with these views is of no use; nil for most.
    func rejection(of views: Views) -> String?

    /// How many targets the loss of these views compares with.
    func targetCount(of views: Views) -> Int

    /// What the teacher is shown for some targets of a sample.
    ///
    /// - Parameter indices: each from 0 up to `targetCount(of:)`.
    func teacherViews(of views: Views, _ indices: [Int]) -> [TeacherView]

    /// What the teacher says of what it is shown.
    ///
    /// - Parameter teacher: every parameter without history, of whom `targetSource` names; nil under
    ///   `TeacherPolicy.none`, unless that is the frozen part.
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
    func targetCrops(of sample: Sample, seed: SampleSeed) -> [TargetCrop]

    /// Some view by whose target teachers, and machines that round differently, are told apart.
    var targetProbe: TeacherView? { get }

    /// The loss of up to `samplesPerGraph` samples.
    ///
    /// - Parameters:
    ///   - targets: one row a target of each of the views, in order; nil for none.
    ///   - context: what it reads beside views and weights.
    ///   - student: every parameter, those of the layout as variables.
    func loss(
        of views: [Views],
        targets: Tensor?,
        in context: LossContext,
        student: ParameterTree,
        on backend: any Backend
    ) throws -> ObjectiveLoss

    /// What a person should look at to believe the views.
    func pictures(of views: Views) -> [InspectionPicture]

    // MARK: What most objectives do without

    /// Who is asked for targets.
    var targetSource: TargetSource { get }

    /// The parameter of which a term of the loss is a function, whatever the samples; nil where there is no such term.
    var penalizedParameter: String? { get }

    /// That term. The aggregator adds its gradient once an update, to the mean of the samples': a worker could not, as its
    /// share of an update depends on the jobs of others.
    ///
    /// - Parameter values: of the whole `penalizedParameter`, at the version that the update starts from.
    func penalty(of values: [Float]) -> Penalty

    /// Whether a parameter belongs to the objective and not to the model: no model file has it, a run that starts from
    /// weights draws it, and exports for other tools leave it out.
    func isAuxiliary(_ path: String) -> Bool

    /// The slices of which the teacher has values of its own, all of them the student's; it shares the rest with it.
    ///
    /// - Parameter student: what trains, in the order of the run.
    func teacherLayout(of student: ParameterLayout) throws -> ParameterLayout

    /// How fast a moving teacher follows the student; nil under other policies.
    var teacherMomentum: TeacherMomentum? { get }

    /// Numbers of the centre: running state that each version carries beside its weights, zeros at first.
    var centreSize: Int { get }

    /// Numbers that a job hands in behind its gradient, each a sum over its samples: what the centre and the monitors of
    /// an update are made of.
    var statisticCount: Int { get }

    /// Moves the centre by what the jobs of an update have summed up, and says what people should watch.
    ///
    /// - Returns: values by name, recorded with the version.
    func conclude(_ update: UpdateSummary, centre: inout [Float]) -> [String: Double]

    /// What watches the metrics of a run for signs that training has failed without an error; nil for nothing.
    ///
    /// - Parameters:
    ///   - updates: of the whole run.
    ///   - samplesPerUpdate: of a full one.
    func collapseWatch(updates: Int, samplesPerUpdate: Int) -> CollapseWatch?

    /// Where parameters are brought back to after each update.
    var parameterBounds: [ParameterBounds] { get }

    /// Whether a parameter stays as it is, whatever its gradient, in the update that follows so many samples.
    ///
    /// - Parameter totalSamples: of the whole run.
    func holds(_ path: String, afterSamples samples: Int, of totalSamples: Int) -> Bool

    /// Which samples a loss compares with each other beyond those of one graph.
    var peerScope: PeerScope { get }

    /// Numbers of a row of `peerRows`.
    var peerRowSize: Int { get }

    /// What the samples of a set must know of each other before any of them has a gradient; computed without history.
    ///
    /// Called only where there is a `peerScope`.
    func peerRows(
        of views: [Views],
        student: ParameterTree,
        on backend: any Backend
    ) throws -> PeerRows
}

extension Objective {
    package func rejection(of views: Views) -> String? { nil }
    package var targetSource: TargetSource { .teacher }
    package var penalizedParameter: String? { nil }
    package func penalty(of values: [Float]) -> Penalty { Penalty(gradient: [Float](zeros: values.count)) }
    package func isAuxiliary(_ path: String) -> Bool { false }
    package func teacherLayout(of student: ParameterLayout) throws -> ParameterLayout { student }
    package var teacherMomentum: TeacherMomentum? { nil }
    package var centreSize: Int { 0 }
    package var statisticCount: Int { 0 }
    package func conclude(_ update: UpdateSummary, centre: inout [Float]) -> [String: Double] { [:] }
    package func collapseWatch(updates: Int, samplesPerUpdate: Int) -> CollapseWatch? { nil }
    package var parameterBounds: [ParameterBounds] { [] }
    package func holds(_ path: String, afterSamples samples: Int, of totalSamples: Int) -> Bool { false }
    package var peerScope: PeerScope { .none }
    package var peerRowSize: Int { 0 }
    package func peerRows(of views: [Views], student: ParameterTree, on backend: any Backend) throws -> PeerRows {
        PeerRows(width: 0)
    }

    package var targetRule: TargetRule? { nil }
    package func targetCrops(of sample: Sample, seed: SampleSeed) -> [TargetCrop] { [] }
    package var targetProbe: TeacherView? { nil }

    /// The loss against what the teacher says now.
    package func loss(
        of views: [Views],
        in context: LossContext = LossContext(),
        student: ParameterTree,
        teacher: ParameterTree?,
        on backend: any Backend
    ) throws -> ObjectiveLoss {
        // Targets first: their activations are gone before the student's graph grows.
        let shown = views.flatMap { teacherViews(of: $0, Array(0..<targetCount(of: $0))) }
        let targets = try targets(of: shown, teacher: teacher, on: backend)
        return try loss(of: views, targets: targets, in: context, student: student, on: backend)
    }

    /// What the student reads, in canonical order; shapes only.
    package func parameters() throws -> [Parameter] {
        try Parameter.all { try readParameters($0) }
    }
}
