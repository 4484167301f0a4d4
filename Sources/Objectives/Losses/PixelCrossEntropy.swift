import Foundation
import Tensors

/// Cross entropy of each labelled pixel of a view, averaged over them, with its gradient at the cells in closed form.
package enum PixelCrossEntropy {
    /// Of one view.
    package struct Share: Sendable {
        /// The mean over the labelled pixels.
        package var loss = 0.0
        /// With respect to the logits of the cells, `[cells, C]`.
        package var gradient: [Float]
        package var pixels = 0
        /// Pixels whose greatest logit is that of their label.
        package var hits = 0
    }

    /// - Parameter labels: of the pixels; whatever is no class has no part.
    /// - Returns: nil where no pixel has a label.
    package static func share(of logits: PixelLogits, labels: [UInt8]) -> Share? {
        let side = logits.side
        precondition(labels.count == side * side, "one label a pixel")
        let count = labels.count { Int($0) < logits.classes }
        guard count > 0 else { return nil }
        var share = Share(gradient: [Float](repeating: 0, count: logits.values.count))
        share.pixels = count
        let width = logits.grid.columns * logits.classes
        var row = [Float](repeating: 0, count: width)
        var slopes = row
        for y in 0..<side {
            let line = labels[y * side..<(y + 1) * side]
            guard line.contains(where: { Int($0) < logits.classes }) else { continue }
            logits.row(y, into: &row)
            for place in slopes.indices { slopes[place] = 0 }
            add(line, row, logits, factor: 1 / Float(count), to: &slopes, &share)
            spread(slopes, row: y, of: logits, to: &share.gradient)
        }
        share.loss /= Double(count)
        return share
    }

    /// One row of pixels; `slopes` are with respect to the cells of that row.
    private static func add(
        _ labels: ArraySlice<UInt8>,
        _ row: [Float],
        _ logits: PixelLogits,
        factor: Float,
        to slopes: inout [Float],
        _ share: inout Share
    ) {
        let classes = logits.classes
        var pixel = [Float](repeating: 0, count: classes)
        for (x, label) in labels.enumerated() where Int(label) < classes {
            let y = Int(label)
            logits.pixel(x, of: row, into: &pixel)
            var best = 0
            for c in 1..<max(classes, 1) where pixel[c] > pixel[best] { best = c }
            let (own, highest) = (pixel[y], pixel[best])
            var total: Float = 0
            for c in 0..<classes {
                pixel[c] = exp(pixel[c] - highest)
                total += pixel[c]
            }
            share.loss += Double(log(total)) + Double(highest) - Double(own)
            share.hits += best == y ? 1 : 0
            let (far, scale) = (Float(logits.across.shares[x]), factor / total)
            let (nearPlace, farPlace) = (logits.across.near[x] * classes, logits.across.far[x] * classes)
            for c in 0..<classes {
                let slope = pixel[c] * scale - (c == y ? factor : 0)
                slopes[nearPlace + c] += (1 - far) * slope
                slopes[farPlace + c] += far * slope
            }
        }
    }

    /// The transposed interpolation between two rows of cells.
    private static func spread(_ slopes: [Float], row y: Int, of logits: PixelLogits, to gradient: inout [Float]) {
        let (width, share) = (slopes.count, Float(logits.down.shares[y]))
        let (near, far) = (logits.down.near[y] * width, logits.down.far[y] * width)
        for place in 0..<width {
            gradient[near + place] += (1 - share) * slopes[place]
            gradient[far + place] += share * slopes[place]
        }
    }
}
