/// The samples of a job, and what else decides their views beside the run's seed.
package struct JobSamples: Sendable, Hashable {
    /// In the order of the sum.
    package var ids: [Int64]
    package var epoch: Int
    /// The update that they are used for, counted from 0 over the run.
    package var update: Int

    package init(_ ids: [Int64], epoch: Int, update: Int = 0) {
        self.ids = ids
        self.epoch = epoch
        self.update = update
    }
}
