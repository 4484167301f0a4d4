import Tensors

/// ℓ = −Z_y + ln Σ exp Z − ln g_y of one view, averaged over what has a label; all else has no gradient.
///
/// Either each cell has a label, or each pixel of a square that Z is brought up to bilinearly (`PixelLogits`).
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
        let cells = features.shape[0]
        let cosines = features.linear(weight: fused).floats  // [HW, C]
        let slopes =
            if let side {
                slopes(of: cosines, cells, labels, side, &share, &scores)
            } else {
                slopes(of: cosines, cells, labels, &share, &scores)
            }
        // [C, HW], ready for the product with F.
        var turned = [Float](repeating: 0, count: classes * cells)
        for p in 0..<cells {
            for c in 0..<classes { turned[c * cells + p] = Float(scale * slopes[p * classes + c]) }
        }
        share.fused = Tensor(turned, [classes, cells], on: features.backend).matmul(features).floats
    }

    /// dL/dZ, `[HW, C]`, of labels of the cells.
    private func slopes(
        of cosines: [Float],
        _ cells: Int,
        _ labels: [Int],
        _ share: inout MaskLoss.Share,
        _ scores: inout [Double]
    ) -> [Double] {
        var slopes = [Double](repeating: 0, count: cosines.count)
        for cell in 0..<cells where labels[cell] >= 0 {
            let row = cell * classes..<(cell + 1) * classes
            var own = cosines[row].map { scale * Double($0) }
            settle(&own, labels[cell], &share, &scores)
            slopes.replaceSubrange(row, with: own)
        }
        return slopes
    }

    /// The same of labels of the pixels of a square.
    private func slopes(
        of cosines: [Float],
        _ cells: Int,
        _ labels: [Int],
        _ side: Int,
        _ share: inout MaskLoss.Share,
        _ scores: inout [Double]
    ) -> [Double] {
        let grid = Int(Double(cells).squareRoot().rounded())
        precondition(grid * grid == cells, "a square grid of cells")
        let fine = PixelLogits(
            cosines,
            scale: scale,
            classes: classes,
            grid: Grid(rows: grid, columns: grid),
            side: side
        )
        return fine.gradient(where: { labels[$0] >= 0 }) { pixel, values in
            settle(&values, labels[pixel], &share, &scores)
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
        share.hits += LabelCrossEntropy.best(of: logits, offsets: logGates) == y ? 1 : 0
        let found = LabelCrossEntropy.settle(&logits, label: y, factor: factor)
        share.segmentation += (found.loss - logGates[y]) / Double(labelled)
        share.logScale += found.scaleSlope
        if let gate { scores[y] -= factor * (1 - gate.gates[y]) / gate.temperature }
    }
}
