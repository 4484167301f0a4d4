import Foundation
import Tensors

/// ℓ = −Z_y + ln Σ exp Z − ln g_y of one view, averaged over what has a label; all else has no gradient.
///
/// Either each cell has a label, or each pixel of a square that Z is brought up to bilinearly. Bringing up is linear, so the
/// gradient comes back down by the transposed matrix. A row of pixels at a time is in memory, never classes × pixels.
struct SegmentationLoss {
    private let gate: GlobalGate?
    private let logGates: [Double]
    private let weight: Double
    /// τ₁
    private let scale: Double
    /// Cells or pixels that have a label.
    private let labelled: Int
    private let classes: Int

    init(gate: GlobalGate?, weight: Double, scale: Double, labelled: Int, classes: Int) {
        (self.gate, self.weight, self.scale) = (gate, weight, scale)
        (self.labelled, self.classes) = (labelled, classes)
        logGates = gate?.logGates ?? [Double](repeating: 0, count: classes)
    }

    /// - Parameters:
    ///   - labels: of cells, or of pixels where there is a side; −1 for none.
    ///   - fused: A, `[C, E]`.
    ///   - scores: dL/ds of the gate, added to.
    func add(
        _ features: Tensor,
        _ labels: [Int],
        _ fused: Tensor,
        side: Int?,
        to share: inout MaskLoss.Share,
        _ scores: inout [Double]
    ) {
        let cosines = features.linear(weight: fused).floats  // [HW, C]
        let cells = features.shape[0]
        var slopes = [Double](repeating: 0, count: cells * classes)  // dL/dZ, [HW, C]
        if let side {
            addPixels(labels, side, cosines, &slopes, &share, &scores)
        } else {
            var logits = [Double](repeating: 0, count: classes)
            for p in 0..<cells where labels[p] >= 0 {
                for c in 0..<classes { logits[c] = scale * Double(cosines[p * classes + c]) }
                settle(&logits, labels[p], &share, &scores)
                for c in 0..<classes { slopes[p * classes + c] = logits[c] }
            }
        }
        // [C, HW], ready for the product with F.
        var turned = [Float](repeating: 0, count: classes * cells)
        for p in 0..<cells {
            for c in 0..<classes { turned[c * cells + p] = Float(scale * slopes[p * classes + c]) }
        }
        share.fused = Tensor(turned, [classes, cells], on: features.backend).matmul(features).floats
    }

    private func addPixels(
        _ labels: [Int],
        _ side: Int,
        _ cosines: [Float],
        _ slopes: inout [Double],
        _ share: inout MaskLoss.Share,
        _ scores: inout [Double]
    ) {
        let grid = Int(Double(cosines.count / classes).squareRoot().rounded())
        precondition(grid * grid * classes == cosines.count, "a square grid of cells")
        let (places, width) = (BilinearPlace.all(from: grid, to: side), grid * classes)
        var logits = [Double](repeating: 0, count: classes)
        var row = [Double](repeating: 0, count: width)  // Z brought up along the rows alone, [grid, C]
        var rowSlopes = row
        for y in 0..<side where labels[y * side..<(y + 1) * side].contains(where: { $0 >= 0 }) {
            let down = places[y]
            let (upper, lower) = (down.first * width, down.second * width)
            for i in 0..<width {
                let blend = (1 - down.share) * Double(cosines[upper + i]) + down.share * Double(cosines[lower + i])
                row[i] = scale * blend
                rowSlopes[i] = 0
            }
            for x in 0..<side where labels[y * side + x] >= 0 {
                let across = places[x]
                let (left, right) = (across.first * classes, across.second * classes)
                for c in 0..<classes {
                    logits[c] = (1 - across.share) * row[left + c] + across.share * row[right + c]
                }
                settle(&logits, labels[y * side + x], &share, &scores)
                for c in 0..<classes {
                    rowSlopes[left + c] += (1 - across.share) * logits[c]
                    rowSlopes[right + c] += across.share * logits[c]
                }
            }
            for i in 0..<width {
                slopes[upper + i] += (1 - down.share) * rowSlopes[i]
                slopes[lower + i] += down.share * rowSlopes[i]
            }
        }
    }

    /// Counts one cell or pixel, and puts dL/dZ of it in the place of its Z.
    private func settle(
        _ logits: inout [Double],
        _ y: Int,
        _ share: inout MaskLoss.Share,
        _ scores: inout [Double]
    ) {
        let factor = weight / Double(labelled)
        var best = 0
        var highest = -Double.infinity
        for c in 0..<classes {
            highest = max(highest, logits[c])
            if logits[c] + logGates[c] > logits[best] + logGates[best] { best = c }
        }
        let logSum = highest + log(logits.reduce(0) { $0 + exp($1 - highest) })
        share.segmentation += (logSum - logits[y] - logGates[y]) / Double(labelled)
        share.hits += best == y ? 1 : 0
        for c in 0..<classes {
            let slope = factor * (exp(logits[c] - logSum) - (c == y ? 1 : 0))
            share.logScale += slope * logits[c]
            logits[c] = slope
        }
        if let gate { scores[y] -= factor * (1 - gate.gates[y]) / gate.temperature }
    }
}
