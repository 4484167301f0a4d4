package import Stores

/// Which images each step of a run consumes: a pure function of four numbers, so that planning needs no memory.
///
/// An epoch is cut into steps of `imagesPerJob · jobsPerStep` positions of its permutation; the last step of an epoch
/// takes what is left, and the last step of the run stops at the planned number of images.
package struct EpochPlanner: Sendable, Equatable {
    private let epochSamples: Int
    private let imagesPerJob: Int
    private let imagesPerStep: Int
    private let totalSamples: Int
    private let hasEmbedPhase: Bool
    private let evaluations: Evaluations

    /// Which versions are evaluated: those with a number that `every` divides, and the last.
    package struct Evaluations: Sendable, Equatable {
        /// 0 evaluates none, not even the last.
        package var every: Int
        /// How many there are to do of each.
        package var count: Int

        package init(every: Int, count: Int) { (self.every, self.count) = (every, count) }

        package static let none = Evaluations(every: 0, count: 0)
    }

    /// - Parameters:
    ///   - epochSamples: images of one pass over the data.
    ///   - updates: length of the run in full steps, as the schedule counts it.
    ///   - hasEmbedPhase: whether the images of a step are embedded before any of its gradients is computed.
    package init(
        epochSamples: Int,
        imagesPerJob: Int,
        jobsPerStep: Int,
        updates: Int,
        hasEmbedPhase: Bool = false,
        evaluations: Evaluations = .none
    ) {
        precondition(epochSamples > 0 && imagesPerJob > 0 && jobsPerStep > 0 && updates > 0)
        self.epochSamples = epochSamples
        self.imagesPerJob = imagesPerJob
        self.imagesPerStep = imagesPerJob * jobsPerStep
        self.totalSamples = updates * imagesPerStep
        self.hasEmbedPhase = hasEmbedPhase
        self.evaluations = evaluations
    }

    /// Steps in the run; more than `updates` where epochs end with a smaller step.
    package var totalSteps: Int {
        totalSamples / epochSamples * stepsPerEpoch + Self.parts(totalSamples % epochSamples, of: imagesPerStep)
    }

    /// Step `index`, counted from 0 over the whole run.
    package func step(_ index: Int) -> StepPlan {
        precondition((0..<totalSteps).contains(index))
        let epoch = index / stepsPerEpoch
        let first = index % stepsPerEpoch * imagesPerStep
        let epochEnd = min(epochSamples, totalSamples - epoch * epochSamples)
        let end = min(first + imagesPerStep, epochEnd)
        let jobs = stride(from: first, to: end, by: imagesPerJob).map { start in
            start..<min(start + imagesPerJob, end)
        }
        return StepPlan(
            step: index,
            epoch: epoch,
            jobs: jobs,
            hasEmbedPhase: hasEmbedPhase,
            evaluationCount: isEvaluated(index + 1) ? evaluations.count : 0
        )
    }

    private func isEvaluated(_ version: Int) -> Bool {
        evaluations.every > 0 && (version % evaluations.every == 0 || version == totalSteps)
    }

    private var stepsPerEpoch: Int { Self.parts(epochSamples, of: imagesPerStep) }

    private static func parts(_ whole: Int, of size: Int) -> Int { (whole + size - 1) / size }
}
