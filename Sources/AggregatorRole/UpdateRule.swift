import Layers
package import Objectives
package import Optimizers
package import Recipes

/// What one update makes of a sum: the part of a run's plan by which weights, teacher and centre move, and all of it
/// that the aggregator needs.
package struct UpdateRule: Sendable {
    /// How a moving teacher follows, and from which places of the flat student.
    package struct Teacher: Sendable {
        package var average: ExponentialMovingAverage
        /// In the teacher's order.
        package var ranges: [Range<Int>]

        package init(average: ExponentialMovingAverage, ranges: [Range<Int>]) {
            (self.average, self.ranges) = (average, ranges)
        }
    }

    package typealias Bound = (places: Range<Int>, range: ClosedRange<Float>)
    /// A term of the loss that one parameter alone decides, and where that lies in the flat student.
    package typealias Penalized = (places: Range<Int>, term: @Sendable ([Float]) -> Penalty)

    /// Numbers of the student, and so of a gradient.
    package var parameterCount: Int
    package var optimizer: AdamW
    /// One entry a slice of the flat student.
    package var settings: [SliceSettings]
    package var clipping: GradientClipping?
    /// By samples applied before.
    package var learningRate: @Sendable (Int) -> Double
    /// Slices that stay as they are, by samples applied before.
    package var heldRanges: @Sendable (Int) -> [Range<Int>]
    package var bounds: [Bound]
    /// Added once to the mean of the jobs' gradients; nil for none.
    package var penalty: Penalized?
    /// nil for a frozen one, and for none.
    package var teacher: Teacher?
    /// Numbers behind the gradient of a payload.
    package var statisticCount: Int
    /// Numbers of the centre; 0 for none.
    package var centreSize: Int
    /// Of a full update.
    package var samplesPerUpdate: Int
    /// What so many samples can stand for; a payload that claims more is refused.
    package var maximumUnits: @Sendable (Int) -> Int
    /// Moves the centre and says what people should watch.
    package var conclude: @Sendable (UpdateSummary, inout [Float]) -> [String: Double]
    /// Watches the metrics of versions; nil where nothing can collapse.
    package var collapseWatch: CollapseWatch?

    package init(
        parameterCount: Int,
        optimizer: AdamW,
        settings: [SliceSettings],
        clipping: GradientClipping? = nil,
        learningRate: @escaping @Sendable (Int) -> Double,
        heldRanges: @escaping @Sendable (Int) -> [Range<Int>] = { _ in [] },
        bounds: [Bound] = [],
        penalty: Penalized? = nil,
        teacher: Teacher? = nil,
        statisticCount: Int = 0,
        centreSize: Int = 0,
        samplesPerUpdate: Int,
        maximumUnits: @escaping @Sendable (Int) -> Int = { $0 },
        conclude: @escaping @Sendable (UpdateSummary, inout [Float]) -> [String: Double] = { _, _ in [:] },
        collapseWatch: CollapseWatch? = nil
    ) {
        self.parameterCount = parameterCount
        (self.optimizer, self.settings, self.clipping) = (optimizer, settings, clipping)
        (self.learningRate, self.heldRanges, self.bounds) = (learningRate, heldRanges, bounds)
        self.penalty = penalty
        (self.teacher, self.statisticCount, self.centreSize) = (teacher, statisticCount, centreSize)
        (self.samplesPerUpdate, self.maximumUnits, self.conclude) = (samplesPerUpdate, maximumUnits, conclude)
        self.collapseWatch = collapseWatch
    }

    package init(_ plan: TrainingPlan) {
        self.init(
            parameterCount: plan.student.count,
            optimizer: plan.optimizer,
            settings: plan.settings,
            clipping: plan.clipping,
            learningRate: { plan.learningRate(afterSamples: $0) },
            heldRanges: { plan.heldRanges(afterSamples: $0) },
            bounds: plan.bounds,
            penalty: plan.penalizedPlaces.map { (places: $0, term: { plan.objective.penalty(of: $0) }) },
            teacher: plan.teacherAverage.map { Teacher(average: $0, ranges: plan.teacherRanges) },
            statisticCount: plan.objective.statisticCount,
            centreSize: plan.centreSize,
            samplesPerUpdate: plan.recipe.imagesPerUpdate,
            maximumUnits: { plan.maximumUnits(samples: $0) },
            conclude: { plan.objective.conclude($0, centre: &$1) },
            collapseWatch: plan.collapseWatch
        )
    }

    /// Numbers of a job's payload.
    var payloadCount: Int { parameterCount + statisticCount }

    /// Numbers of a moving teacher; 0 under other policies.
    var teacherSize: Int { teacher?.ranges.reduce(0) { $0 + $1.count } ?? 0 }
}
