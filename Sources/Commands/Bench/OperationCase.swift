import Layers
import Models
import Tensors

/// One primitive at a shape that a model calls it with.
struct OperationCase {
    let primitive: Primitive
    /// Of the main operand, for people.
    let shape: Shape
    let body: () -> Void
}

extension OperationCase {
    /// Every primitive, on values of `backend`.
    ///
    /// - Parameters:
    ///   - batch: pictures.
    ///   - size: side of a picture, a multiple of the patch.
    static func all(
        of model: VisionTransformer.Configuration,
        batch: Int,
        size: Int,
        on backend: any Backend
    ) throws -> [OperationCase] {
        let numbers = OperationOperands(model, batch: batch, size: size, on: backend)
        let count = try VisionTransformer.parameters(of: model).reduce(0) { $0 + $1.shape.count }
        return memory(numbers) + elementwise(numbers) + rows(numbers) + products(numbers) + pictures(numbers, model)
            + flat(count, on: backend)
    }

    private static func memory(_ n: OperationOperands) -> [OperationCase] {
        let (backend, x, tokens) = (n.backend, n.tokens, n.tokens.shape[1])
        let first = backend.sliced(x, axis: 1, 0..<1)  // [B, 1, D]
        let rest = backend.sliced(x, axis: 1, 1..<tokens)  // [B, N, D]
        // Every row of the tokens once, from behind.
        let table = Tensor(x).reshaped(to: [x.shape.rowCount, x.shape[-1]]).value
        let places = (0..<Int32(x.shape.rowCount)).reversed().map { $0 }
        func wanted(_ primitive: Primitive, _ shape: Shape, _ body: @escaping () -> TensorValue) -> OperationCase {
            OperationCase(primitive: primitive, shape: shape) { _ = body() }
        }
        return [
            wanted(.value, x.shape) { backend.value(x.shape) { $0.update(repeating: 1) } },
            wanted(.filled, x.shape) { backend.filled(x.shape, with: 0) },
            wanted(.copied, x.shape) { backend.copied(x) },
            wanted(.concatenated, x.shape) { backend.concatenated([first, rest], axis: 1) },
            wanted(.sliced, rest.shape) { backend.sliced(x, axis: 1, 1..<tokens) },
            wanted(.placed, x.shape) { backend.placed(rest, axis: 1, 1..<tokens, extent: tokens) },
            wanted(.repeated, x.shape) { backend.repeated(n.row, rows: x.shape.rowCount) },
            wanted(.gatheredRows, table.shape) { backend.gatheredRows(table, places) },
            wanted(.gatheredRowsVJP, table.shape) { backend.gatheredRowsVJP(table, places, rows: places.count) },
        ]
    }

    private static func elementwise(_ n: OperationOperands) -> [OperationCase] {
        let (backend, x, h) = (n.backend, n.tokens, n.hidden)
        var target = backend.copied(x)
        func wanted(_ primitive: Primitive, _ of: TensorValue, _ body: @escaping () -> TensorValue) -> OperationCase {
            OperationCase(primitive: primitive, shape: of.shape) { _ = body() }
        }
        return [
            wanted(.add, x) { backend.add(x, x) },
            wanted(.subtract, x) { backend.subtract(x, x) },
            wanted(.multiply, x) { backend.multiply(x, x) },
            wanted(.scaled, x) { backend.scaled(x, by: 0.5) },
            OperationCase(primitive: .accumulate, shape: x.shape) {
                backend.accumulate(x, scaledBy: 0.5, into: &target)
            },
            wanted(.gelu, h) { backend.gelu(h) },
            wanted(.geluVJP, h) { backend.geluVJP(h, at: h) },
            wanted(.quickGELU, h) { backend.quickGELU(h) },
            wanted(.quickGELUVJP, h) { backend.quickGELUVJP(h, at: h) },
        ]
    }

    private static func rows(_ n: OperationOperands) -> [OperationCase] {
        let (backend, x, row, shape) = (n.backend, n.tokens, n.row, n.tokens.shape)
        let factors = backend.rowDots(x, x)  // [B, T]
        let (normal, mean, inverse) = backend.layerNorm(x, weight: row, bias: row, epsilon: 1e-5)
        let (unit, inverseNorm) = backend.l2Normalized(x, epsilon: 1e-12)
        func wanted(_ primitive: Primitive, _ body: @escaping () -> Void) -> OperationCase {
            OperationCase(primitive: primitive, shape: shape, body: body)
        }
        return [
            wanted(.addRow) { _ = backend.add(x, row: row) },
            wanted(.multiplyRow) { _ = backend.multiply(x, row: row) },
            wanted(.columnSums) { _ = backend.columnSums(x, shape: row.shape) },
            wanted(.columnDots) { _ = backend.columnDots(x, normal, shape: row.shape) },
            wanted(.rowDots) { _ = backend.rowDots(x, normal) },
            wanted(.scaledRows) { _ = backend.scaledRows(x, by: factors) },
            wanted(.layerNorm) { _ = backend.layerNorm(x, weight: row, bias: row, epsilon: 1e-5) },
            wanted(.layerNormVJP) {
                _ = backend.layerNormVJP(normal, at: x, weight: row, mean: mean, inverseDeviation: inverse)
            },
            wanted(.l2Normalized) { _ = backend.l2Normalized(x, epsilon: 1e-12) },
            wanted(.l2NormalizedVJP) { _ = backend.l2NormalizedVJP(x, y: unit, inverseNorm: inverseNorm) },
        ] + distributions(n)
    }

    /// Tokens as the logits of as many prototypes as they have channels.
    private static func distributions(_ n: OperationOperands) -> [OperationCase] {
        let (backend, x, row) = (n.backend, n.tokens, n.row)
        let logits = Tensor(x).reshaped(to: [x.shape.rowCount, x.shape[-1]]).value
        let targets = backend.softmax(logits, minus: row, scaledBy: 1)
        let (losses, logSum) = backend.crossEntropy(logits, to: targets, scaledBy: 10)
        return [
            OperationCase(primitive: .softmax, shape: logits.shape) {
                _ = backend.softmax(logits, minus: row, scaledBy: 25)
            },
            OperationCase(primitive: .crossEntropy, shape: logits.shape) {
                _ = backend.crossEntropy(logits, to: targets, scaledBy: 10)
            },
            OperationCase(primitive: .crossEntropyVJP, shape: logits.shape) {
                _ = backend.crossEntropyVJP(losses, at: logits, to: targets, logSum: logSum, scaledBy: 10)
            },
        ]
    }

    private static func products(_ n: OperationOperands) -> [OperationCase] {
        let (backend, x, weight, bias, qkv, heads) = (n.backend, n.tokens, n.weight, n.bias, n.qkv, n.headCount)
        let (y, logSum) = backend.attention(qkv, headCount: heads, isCausal: false)
        return [
            OperationCase(primitive: .product, shape: x.shape) {
                _ = backend.product(x, transposed: false, weight, transposed: true, bias: bias)
            },
            OperationCase(primitive: .attention, shape: qkv.shape) {
                _ = backend.attention(qkv, headCount: heads, isCausal: false)
            },
            OperationCase(primitive: .attentionVJP, shape: qkv.shape) {
                _ = backend.attentionVJP(x, qkv: qkv, y: y, logSum: logSum, headCount: heads, isCausal: false)
            },
        ]
    }

    private static func pictures(
        _ n: OperationOperands,
        _ model: VisionTransformer.Configuration
    ) -> [OperationCase] {
        let (backend, images, patch, grid) = (n.backend, n.images, model.patchSize, n.grid)
        let patches = backend.patches(images, size: patch)
        let positions = n.positions(model.grid)
        let resized = backend.bicubicResized(positions, from: model.grid, to: grid)
        let pooled = backend.roiAligned(n.features, n.regions, grid: grid)
        return [
            OperationCase(primitive: .patches, shape: images.shape) { _ = backend.patches(images, size: patch) },
            OperationCase(primitive: .unpatched, shape: images.shape) {
                _ = backend.unpatched(patches, size: patch, shape: images.shape)
            },
            OperationCase(primitive: .bicubicResized, shape: resized.shape) {
                _ = backend.bicubicResized(positions, from: model.grid, to: grid)
            },
            OperationCase(primitive: .bicubicResizedVJP, shape: resized.shape) {
                _ = backend.bicubicResizedVJP(resized, from: model.grid, to: grid)
            },
            OperationCase(primitive: .roiAligned, shape: n.features.shape) {
                _ = backend.roiAligned(n.features, n.regions, grid: grid)
            },
            OperationCase(primitive: .roiAlignedVJP, shape: n.features.shape) {
                _ = backend.roiAlignedVJP(pooled, n.regions, grid: grid, imageCount: n.images.shape[0])
            },
        ]
    }

    /// What is done to flat vectors of all parameters, or of as many as 16 Mi of them.
    private static func flat(_ parameterCount: Int, on backend: any Backend) -> [OperationCase] {
        let shape: Shape = [min(parameterCount, 16 << 20)]
        let gradient = backend.filled(shape, with: 1e-3)
        var (weights, average) = (backend.filled(shape, with: 0.02), backend.filled(shape, with: 0.02))
        var (moment1, moment2) = (backend.filled(shape, with: 0), backend.filled(shape, with: 0))
        var host = [Float](repeating: 0, count: shape.count)
        let step = AdamWStep(learningRate: 1e-5, weightDecay: 0.1, number: 1)
        func wanted(_ primitive: Primitive, _ body: @escaping () -> Void) -> OperationCase {
            OperationCase(primitive: primitive, shape: shape, body: body)
        }
        return [
            wanted(.addToHost) {
                host.withUnsafeMutableBufferPointer { backend.add(gradient, 0..<shape.count, to: $0) }
            },
            wanted(.sum) { _ = backend.sum(gradient) },
            wanted(.sumOfSquares) { _ = backend.sumOfSquares(gradient) },
            wanted(.isFinite) { _ = backend.isFinite(gradient) },
            wanted(.adamW) {
                backend.adamW(
                    &weights,
                    moment1: &moment1,
                    moment2: &moment2,
                    gradient: gradient,
                    range: 0..<shape.count,
                    step: step
                )
            },
            wanted(.updateAverage) { backend.updateAverage(&average, with: gradient, weight: 0.01) },
        ]
    }
}
