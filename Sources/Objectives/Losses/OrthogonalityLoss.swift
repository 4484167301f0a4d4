/// Keeps segmentation prompts apart: the sum over pairs of the absolute cosine of their mean context vectors.
///
/// It acts on the learned vectors themselves, not on what the text tower makes of them. Equal prompts have no gradient, so
/// each must start from draws of its own.
/// - SeeAlso: Guo et al. 2023 (MVP-SEG), arXiv:2304.06957, orthogonal constraint loss.
package struct OrthogonalityLoss: Sendable, Hashable {
    /// Prompts that take part, the last of the parameter's.
    package let prompts: Int
    /// Of all prompts in the parameter, those before the last included, whose gradient is zero.
    package let leading: Int
    /// N and W
    package let contexts: Int
    package let width: Int

    package struct Result: Sendable, Hashable {
        /// From 0 to k(k − 1)/2.
        package var loss: Double
        /// In the parameter's order.
        package var gradient: [Double]
        /// |cos| of the pairs (1, 2), (1, 3), …, (2, 3), ….
        package var cosines: [Double]
    }

    /// - Parameter leading: prompts before those that take part, such as the global one.
    package init(prompts: Int, leading: Int, contexts: Int, width: Int) {
        precondition(prompts > 0 && leading >= 0 && contexts > 0 && width > 0, "no prompts")
        (self.prompts, self.leading, self.contexts, self.width) = (prompts, leading, contexts, width)
    }

    /// Below this length a mean has no direction.
    private static let shortest = 1e-8

    /// - Parameter values: `[leading + prompts, N, W]`.
    /// - Returns: what is not a number where a mean has no direction, so that nobody publishes it.
    package func callAsFunction(_ values: [Float]) -> Result {
        precondition(values.count == (leading + prompts) * contexts * width, "\(values.count) numbers for \(self)")
        let means = (leading..<leading + prompts).map { mean(of: $0, values) }
        let norms = means.map { mean -> Double in
            let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return norm < Self.shortest ? .nan : norm
        }
        let units = zip(means, norms).map { mean, norm in mean.map { $0 / norm } }
        var result = Result(loss: 0, gradient: [Double](repeating: 0, count: values.count), cosines: [])
        for i in 0..<prompts {
            for j in i + 1..<max(prompts, i + 1) {
                let cosine = zip(units[i], units[j]).reduce(0) { $0 + $1.0 * $1.1 }
                result.cosines.append(abs(cosine))
                result.loss += abs(cosine)
                let sign: Double = cosine > 0 ? 1 : cosine < 0 ? -1 : cosine
                add(sign, cosine, units[j], to: i, units[i], norms[i], &result.gradient)
                add(sign, cosine, units[i], to: j, units[j], norms[j], &result.gradient)
            }
        }
        return result
    }

    private func mean(of prompt: Int, _ values: [Float]) -> [Double] {
        var mean = [Double](repeating: 0, count: width)
        for n in 0..<contexts {
            for w in 0..<width { mean[w] += Double(values[(prompt * contexts + n) * width + w]) }
        }
        return mean.map { $0 / Double(contexts) }
    }

    /// d|c|/dp̄ = σ(û′ − c·û)/‖p̄‖, of which each of the N vectors has 1/N.
    private func add(
        _ sign: Double,
        _ cosine: Double,
        _ other: [Double],
        to prompt: Int,
        _ own: [Double],
        _ norm: Double,
        _ gradient: inout [Double]
    ) {
        for w in 0..<width {
            let share = sign * (other[w] - cosine * own[w]) / (norm * Double(contexts))
            for n in 0..<contexts { gradient[((leading + prompt) * contexts + n) * width + w] += share }
        }
    }
}
