/// One optimizer step as it is planned: consecutive positions of one epoch, cut into jobs.
package struct StepPlan: Hashable, Sendable {
    package let step: Int
    package let epoch: Int
    /// In order, without gap; the last of an epoch may be shorter.
    package let jobs: [Range<Int>]
    /// Whether a job of the same positions embeds them before any gradient of the step is computed.
    package let hasEmbedPhase: Bool
    /// How many evaluations of the version that the step makes are to be done; each is a job of its own.
    package let evaluationCount: Int

    package init(
        step: Int,
        epoch: Int,
        jobs: [Range<Int>],
        hasEmbedPhase: Bool = false,
        evaluationCount: Int = 0
    ) {
        (self.step, self.epoch, self.jobs, self.hasEmbedPhase) = (step, epoch, jobs, hasEmbedPhase)
        self.evaluationCount = evaluationCount
    }

    /// The number of the version that the step makes.
    var version: Int { step + 1 }

    package var sampleCount: Int { jobs.reduce(0) { $0 + $1.count } }

    /// Kinds of jobs, in the order in which they are done.
    var phases: [JobKind] { hasEmbedPhase ? [.embed, .gradient] : [.gradient] }
    var embedCount: Int { hasEmbedPhase ? jobs.count : 0 }
}
