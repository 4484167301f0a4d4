import Objectives

/// The samples of one graph, ready to be computed: pixels decoded, targets looked up, crops cut where they are missing.
struct LoadedGraph<O: Objective>: Sendable {
    var samples: [Int64] = []
    var views: [O.Views] = []
    /// Names of all targets, in order; empty where they are not kept.
    var keys: [TargetKey] = []
    /// One for each target, nil for those that the teacher must be asked for.
    var known: [RoundedTarget?] = []
    /// What the teacher must be shown: one for each nil of `known`.
    var shown: [O.TeacherView] = []
    var badSamples: [StepReport.SkippedSample] = []
    var phases = StepPhases()
    /// Place of the first sample that is not in this graph.
    var end: Int

    init(start: Int) { end = start }
}
