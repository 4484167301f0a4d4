import Foundation

/// Cross entropy at one place that has a label, −Z_y + ln Σ exp Z, with its gradient in closed form.
enum LabelCrossEntropy {
    /// - Parameters:
    ///   - logits: Z, `[C]`; afterwards factor · (softmax(Z) − 1_y) in their place.
    ///   - y: the label.
    /// - Returns: the loss without the factor, and Σ gradient · Z, which trains a common scale of Z.
    static func settle(_ logits: inout [Double], label y: Int, factor: Double) -> (loss: Double, scaleSlope: Double) {
        let highest = logits.reduce(-.infinity) { max($0, $1) }
        let own = logits[y]
        var (total, moment) = (0.0, 0.0)
        for c in logits.indices {
            let weight = exp(logits[c] - highest)
            total += weight
            moment += weight * logits[c]
            logits[c] = weight
        }
        let share = factor / total
        for c in logits.indices { logits[c] *= share }
        logits[y] -= factor
        return (log(total) + highest - own, factor * (moment / total - own))
    }

    /// The greatest of the logits, of equal ones the first.
    ///
    /// - Parameter offsets: added to each; empty for none.
    static func best(of logits: [Double], offsets: [Double] = []) -> Int {
        var (best, highest) = (0, -Double.infinity)
        for c in logits.indices {
            let score = logits[c] + (offsets.isEmpty ? 0 : offsets[c])
            if score > highest { (best, highest) = (c, score) }
        }
        return best
    }
}
