/// One optimizer step as it is planned: consecutive positions of one epoch, cut into jobs.
package struct StepPlan: Hashable, Sendable {
    package let step: Int
    package let epoch: Int
    /// In order, without gap; the last of an epoch may be shorter.
    package let jobs: [Range<Int>]

    package init(step: Int, epoch: Int, jobs: [Range<Int>]) {
        (self.step, self.epoch, self.jobs) = (step, epoch, jobs)
    }

    package var sampleCount: Int { jobs.reduce(0) { $0 + $1.count } }
}
