import Stores

/// A job whose gradient is computed and still to be handed in.
struct FinishedJob: Sendable {
    let held: HeldJob
    let result: JobResult

    /// Whether handing it in takes long enough to be done beside the next computation. A gradient of one part travels
    /// together with its submission, and there is nothing to hide.
    var isWorthOverlapping: Bool { result.gradient.count > GradientStore.parametersPerPart }
}
