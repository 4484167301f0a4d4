/// The numbers of one AdamW step, as in `torch.optim.AdamW` (decoupled decay, no amsgrad).
///
/// - SeeAlso: Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2.
package struct AdamWStep: Hashable, Sendable {
    /// Already scheduled and scaled.
    package var learningRate: Double
    package var beta1: Double
    package var beta2: Double
    package var epsilon: Double
    package var weightDecay: Double
    /// Counts from 1: bias correction divides by 1 − βᵗ.
    package var number: Int
    /// Multiplies the incoming gradient: 1/units, or a clipping factor.
    package var gradientScale: Double

    package init(
        learningRate: Double,
        beta1: Double = 0.9,
        beta2: Double = 0.999,
        epsilon: Double = 1e-8,
        weightDecay: Double,
        number: Int,
        gradientScale: Double = 1
    ) {
        precondition(number >= 1, "steps count from 1")
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.number = number
        self.gradientScale = gradientScale
    }

    package var firstCorrection: Double { 1 - raised(beta1) }
    package var secondCorrection: Double { 1 - raised(beta2) }

    /// β to the power of the step number, by squaring: exact enough, and free of libm's differences between machines.
    private func raised(_ beta: Double) -> Double {
        var (result, base, exponent) = (1.0, beta, number)
        while exponent > 0 {
            if exponent & 1 == 1 { result *= base }
            base *= base
            exponent >>= 1
        }
        return result
    }
}
