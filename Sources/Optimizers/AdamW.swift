package import Tensors

/// Adam with weight decay applied to the weights themselves, not through the gradient.
///
/// Works on any part of the flat vectors; elements never meet, so parts and threads do not change a bit.
/// - SeeAlso: Kingma and Ba 2015, arXiv:1412.6980, algorithm 1; Loshchilov and Hutter 2019, arXiv:1711.05101,
///   algorithm 2, in the form of `torch.optim.AdamW`: ε is added after the bias correction, and the decay is scaled by
///   the learning rate.
package struct AdamW: Hashable, Sendable {
    /// Decay rates of the running means of the gradient and of its square.
    package let beta1: Double
    package let beta2: Double
    package let epsilon: Double

    package init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
        precondition((0..<1).contains(beta1) && (0..<1).contains(beta2), "betas lie in [0, 1)")
        precondition(epsilon >= 0, "epsilon only ever enlarges the denominator")
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
    }

    /// A part of the flat vectors: the weights, and what AdamW keeps for each between updates, at first zeros.
    package struct Part: Sendable {
        /// Where the part begins in the whole vector.
        package let offset: Int
        package var weights: TensorValue  // [n]
        package var moment1: TensorValue  // [n]
        package var moment2: TensorValue  // [n]

        package init(offset: Int = 0, weights: TensorValue, moment1: TensorValue, moment2: TensorValue) {
            precondition(
                weights.shape.rank == 1 && moment1.shape == weights.shape && moment2.shape == weights.shape,
                "weights and moments are vectors over the same range"
            )
            self.offset = offset
            self.weights = weights
            self.moment1 = moment1
            self.moment2 = moment2
        }
    }

    /// Applies one update in place.
    ///
    /// - Parameters:
    ///   - gradient: over the same range as the part.
    ///   - step: 1 for the first update; it sets the bias correction.
    ///   - learningRate: before the slices' own factors.
    ///   - gradientScale: multiplies each gradient on reading: 1, or the clipping factor.
    ///   - settings: the whole vector's, of which those that touch the part apply.
    package func update(
        _ part: inout Part,
        gradient: TensorValue,
        step: Int,
        learningRate: Double,
        gradientScale: Double = 1,
        settings: [SliceSettings]
    ) {
        let end = part.offset + part.weights.count
        precondition(gradient.shape == part.weights.shape, "the gradient covers the same range as the weights")
        for slice in settings {
            let range = slice.range.clamped(to: part.offset..<end)
            guard !range.isEmpty else { continue }
            gradient.backend.adamW(
                &part.weights,
                moment1: &part.moment1,
                moment2: &part.moment2,
                gradient: gradient,
                range: range.lowerBound - part.offset..<range.upperBound - part.offset,
                step: AdamWStep(
                    learningRate: learningRate * slice.learningRateScale,
                    beta1: beta1,
                    beta2: beta2,
                    epsilon: epsilon,
                    weightDecay: slice.weightDecay,
                    number: step,
                    gradientScale: gradientScale
                )
            )
        }
    }
}
