import Foundation

/// How much a picture as a whole speaks for each class, from 0 to 1: by it the masks of absent classes fade.
///
/// Cosines of the patches with a class's global prompt are pooled by a sharp softmax over the patches, and pass a sigmoid.
/// - SeeAlso: Guo et al. 2023 (MVP-SEG), arXiv:2304.06957, global prompt refining.
package struct GlobalGate: Sendable, Hashable {
    /// a_c(p), `[cells, C]`: columns sum to 1.
    package let weights: [Double]
    /// s_c, `[C]`
    package let scores: [Double]
    /// g_c = sigmoid(s_c / τ₂)
    package let gates: [Double]
    /// τ₂
    package let temperature: Double

    /// - Parameters:
    ///   - cosines: `[cells, C]`, of at least one cell; leave out those wholly in padding.
    ///   - classes: C
    ///   - sharpness: γ
    ///   - temperature: τ₂
    package init(cosines: [Float], classes: Int, sharpness: Double, temperature: Double) {
        precondition(classes > 0 && !cosines.isEmpty && cosines.count % classes == 0, "no cells")
        let cells = cosines.count / classes
        var weights = [Double](repeating: 0, count: cosines.count)
        var scores: [Double] = []
        for c in 0..<classes {
            var highest = -Double.infinity
            for p in 0..<cells { highest = max(highest, Double(cosines[p * classes + c])) }
            var total = 0.0
            for p in 0..<cells {
                let weight = exp(sharpness * (Double(cosines[p * classes + c]) - highest))
                weights[p * classes + c] = weight
                total += weight
            }
            var score = 0.0
            for p in 0..<cells {
                weights[p * classes + c] /= total
                score += weights[p * classes + c] * Double(cosines[p * classes + c])
            }
            scores.append(score)
        }
        self.weights = weights
        self.scores = scores
        self.temperature = temperature
        gates = scores.map { 1 / (1 + exp(-$0 / temperature)) }
    }

    /// ln g_c, by which a picture's logits are raised: `argmax_c (Z_c + ln g_c)` is that of the gated probabilities.
    package var logGates: [Double] { scores.map { -Self.softplus(-$0 / temperature) } }

    /// ln(1 − g_c)
    package var logComplements: [Double] { scores.map { -Self.softplus($0 / temperature) } }

    private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}
