import Foundation

/// A learning rate as a pure function of the update: linear warm-up, then half a cosine down to zero.
///
/// - SeeAlso: Loshchilov and Hutter 2017 (SGDR), arXiv:1608.03983, without restarts; warm-up as in open_clip.
package struct CosineSchedule: Hashable, Sendable {
    /// The rate at the end of the warm-up.
    package let peak: Double
    package let warmUpSteps: Double
    /// Updates in all, warm-up included.
    package let totalSteps: Double

    package init(peak: Double, warmUpSteps: Double, totalSteps: Double) {
        precondition(peak >= 0 && warmUpSteps >= 0 && totalSteps >= 0, "a schedule counts from 0 upwards")
        self.peak = peak
        self.warmUpSteps = warmUpSteps
        self.totalSteps = totalSteps
    }

    /// The rate of update `step`, counted from 0; past the end it stays at zero.
    ///
    /// A run gives applied samples ÷ samples per update, which need not be whole: schedules follow samples.
    package func learningRate(at step: Double) -> Double {
        if step < warmUpSteps { return peak * min(1, (step + 1) / warmUpSteps) }
        guard step < totalSteps else { return 0 }
        return 0.5 * peak * (1 + cos(.pi * (step - warmUpSteps) / (totalSteps - warmUpSteps)))
    }
}
