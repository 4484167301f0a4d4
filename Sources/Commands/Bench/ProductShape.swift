package import Models

/// One kind of product in a training step of a model: what `bench gemm` measures.
package struct ProductShape: Codable, Hashable, Sendable {
    /// Where in the step it stands.
    package enum Pass: String, Codable, Sendable, CaseIterable {
        /// x·Wᵀ + b
        case forward
        /// g·W
        case inputGradient = "dX"
        /// gᵀ·x
        case weightGradient = "dW"
        /// Of one head, within attention.
        case head
    }

    package let name: String
    package let pass: Pass
    /// `[rows, inner]·[inner, columns]`, as multiplied.
    package let rows: Int
    package let inner: Int
    package let columns: Int
    package let transposesA: Bool
    package let transposesB: Bool
    package let hasBias: Bool
    /// Times that a forward and backward pass computes it.
    package let callsPerStep: Int

    package init(
        _ name: String,
        _ pass: Pass,
        rows: Int,
        inner: Int,
        columns: Int,
        transposesA: Bool = false,
        transposesB: Bool = false,
        hasBias: Bool = false,
        callsPerStep: Int
    ) {
        (self.name, self.pass) = (name, pass)
        (self.rows, self.inner, self.columns) = (rows, inner, columns)
        (self.transposesA, self.transposesB, self.hasBias) = (transposesA, transposesB, hasBias)
        self.callsPerStep = callsPerStep
    }

    /// A multiply-add is two; the bias is left out, as is usual.
    package var operations: Int { 2 * rows * inner * columns }

    /// Every product of a step that trains the whole tower; and those of one head.
    ///
    /// - Parameters:
    ///   - batch: pictures.
    ///   - size: side of a picture, a multiple of the patch.
    package static func all(
        of model: VisionTransformer.Configuration,
        batch: Int,
        size: Int
    ) -> [ProductShape] {
        let patches = (size / model.patchSize) * (size / model.patchSize)
        let (width, layers, tokens) = (model.width, model.layers, patches + 1)
        func linear(_ name: String, _ inputs: Int, _ outputs: Int, rows: Int, calls: Int, isFirst: Bool = false)
            -> [ProductShape]
        {
            let forward = ProductShape(
                name,
                .forward,
                rows: rows,
                inner: inputs,
                columns: outputs,
                transposesB: true,
                hasBias: !isFirst,
                callsPerStep: calls
            )
            let input = ProductShape(
                name,
                .inputGradient,
                rows: rows,
                inner: outputs,
                columns: inputs,
                callsPerStep: calls
            )
            let weight = ProductShape(
                name,
                .weightGradient,
                rows: outputs,
                inner: rows,
                columns: inputs,
                transposesA: true,
                callsPerStep: calls
            )
            // Pictures want no gradient, and the convolution that reads them has no bias.
            return isFirst ? [forward, weight] : [forward, input, weight]
        }
        let rows = batch * tokens
        let patchLength = 3 * model.patchSize * model.patchSize
        return linear("patches", patchLength, width, rows: batch * patches, calls: 1, isFirst: true)
            + linear("qkv", width, 3 * width, rows: rows, calls: layers)
            + linear("attention output", width, width, rows: rows, calls: layers)
            + linear("MLP expand", width, model.hidden, rows: rows, calls: layers)
            + linear("MLP contract", model.hidden, width, rows: rows, calls: layers)
            + heads(tokens: tokens, size: width / model.headCount, calls: layers * batch * model.headCount)
    }

    /// What one head would multiply if its scores were held whole: Q·Kᵀ, P·V and Pᵀ·dY.
    private static func heads(tokens: Int, size: Int, calls: Int) -> [ProductShape] {
        [
            ProductShape(
                "Q·Kᵀ",
                .head,
                rows: tokens,
                inner: size,
                columns: tokens,
                transposesB: true,
                callsPerStep: 3 * calls
            ),
            ProductShape("P·V", .head, rows: tokens, inner: tokens, columns: size, callsPerStep: 2 * calls),
            ProductShape(
                "Pᵀ·dY",
                .head,
                rows: tokens,
                inner: tokens,
                columns: size,
                transposesA: true,
                callsPerStep: 2 * calls
            ),
        ]
    }
}
