/// Cross entropy of each labelled pixel of a view, averaged over them, with its gradient at the cells in closed form.
package enum PixelCrossEntropy {
    /// Of one view.
    package struct Share: Sendable {
        /// The mean over the labelled pixels.
        package var loss = 0.0
        /// With respect to the logits of the cells, `[cells, C]`.
        package var gradient: [Double] = []
        package var pixels = 0
        /// Pixels whose greatest logit is that of their label.
        package var hits = 0
    }

    /// - Parameter labels: of the pixels; whatever is no class has no part.
    /// - Returns: nil where no pixel has a label.
    package static func share(of logits: PixelLogits, labels: [UInt8]) -> Share? {
        precondition(labels.count == logits.side * logits.side, "one label a pixel")
        let count = labels.count { Int($0) < logits.classes }
        guard count > 0 else { return nil }
        var (sum, hits) = (0.0, 0)
        let gradient = logits.gradient(where: { Int(labels[$0]) < logits.classes }) { pixel, values in
            let label = Int(labels[pixel])
            hits += LabelCrossEntropy.best(of: values) == label ? 1 : 0
            sum += LabelCrossEntropy.settle(&values, label: label, factor: 1 / Double(count)).loss
        }
        return Share(loss: sum / Double(count), gradient: gradient, pixels: count, hits: hits)
    }
}
