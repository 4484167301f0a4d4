package import Tensors

/// The identity of one use of a sample; every random choice about it is a function of this and of a view's number.
///
/// Job, attempt, worker, time and weights version are absent on purpose: a job done twice sees the same views.
package struct SampleSeed: Hashable, Sendable {
    package var run: UInt64
    package var epoch: Int
    package var sample: Int64
    /// The update that the sample is used for, counted from 0 over the run; no part of any key. What a recipe changes in
    /// the course of a run, such as the size of views, is a function of it.
    package var update: Int

    package init(run: UInt64, epoch: Int, sample: Int64, update: Int = 0) {
        self.run = run
        self.epoch = epoch
        self.sample = sample
        self.update = update
    }

    /// Counter-based draws for one view; the numbers of views are a closed list, 252 being CLIPSelf's regions,
    /// 251 the cuts of labelled pictures, and 249 composed scenes.
    package func generator(view: Int) -> RandomGenerator {
        RandomGenerator(run: run, epoch: UInt64(epoch), sample: UInt64(bitPattern: sample), view: UInt64(view))
    }
}
