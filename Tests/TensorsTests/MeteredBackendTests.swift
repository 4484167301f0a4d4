import TestSupport
import Tensors
import Testing

@Suite("MeteredBackend") struct MeteredBackendTests {
    private let metered = MeteredBackend(CPUBackend(threadCount: 2))

    /// One call of one primitive, with the operations and the numbers read and written that one counts by hand.
    struct Call: Sendable {
        let primitive: Primitive
        let operations: Int
        let floats: Int
        let make: @Sendable (any Backend) -> Void

        init(
            _ primitive: Primitive,
            _ operations: Int,
            _ floats: Int,
            _ make: @escaping @Sendable (any Backend) -> Void
        ) {
            (self.primitive, self.operations, self.floats, self.make) = (primitive, operations, floats, make)
        }
    }

    /// Operands belong to another backend, so that making them is not counted.
    private static let plain = CPUBackend(threadCount: 1)
    private static func value(_ dimensions: Int...) -> TensorValue {
        Tensor.random(Shape(dimensions), seed: 3, stream: 1, on: plain).value
    }
    private static var x: TensorValue { value(2, 5, 4) }  // 40 numbers in 10 rows
    private static var row: TensorValue { value(4) }
    private static var rows: TensorValue { value(2, 5) }

    private static let memory: [Call] = [
        Call(.value, 0, 40) { b in _ = b.value([2, 5, 4]) { $0.update(repeating: 1) } },
        Call(.addToHost, 30, 90) { b in
            var sum = [Float](repeating: 0, count: 30)
            sum.withUnsafeMutableBufferPointer { b.add(x, 5..<35, to: $0) }
        },
        Call(.filled, 0, 40) { b in _ = b.filled([40], with: 1) },
        Call(.copied, 0, 80) { b in _ = b.copied(x) },
        Call(.concatenated, 0, 160) { b in _ = b.concatenated([x, x], axis: 1) },
        Call(.sliced, 0, 48) { b in _ = b.sliced(x, axis: 1, 1..<4) },  // 2·3·4 in, as many out
        Call(.placed, 0, 40 + 64) { b in _ = b.placed(x, axis: 1, 0..<5, extent: 8) },
        Call(.repeated, 0, 4 + 28) { b in _ = b.repeated(row, rows: 7) },
        Call(.gatheredRows, 0, 2 * 12) { b in _ = b.gatheredRows(value(9, 4), [8, 1, 8]) },
        // Nine rows of zeros; three rows of four added to what is there.
        Call(.gatheredRowsVJP, 12, 36 + 3 * 12) { b in _ = b.gatheredRowsVJP(value(3, 4), [8, 1, 8], rows: 9) },
    ]

    private static let elementwise: [Call] = [
        Call(.add, 40, 120) { b in _ = b.add(x, x) },
        Call(.subtract, 40, 120) { b in _ = b.subtract(x, x) },
        Call(.multiply, 40, 120) { b in _ = b.multiply(x, x) },
        Call(.scaled, 40, 80) { b in _ = b.scaled(x, by: 2) },
        Call(.accumulate, 80, 120) { b in
            var target = x
            b.accumulate(x, scaledBy: 2, into: &target)
        },
        Call(.gelu, 160, 80) { b in _ = b.gelu(x) },
        Call(.geluVJP, 320, 120) { b in _ = b.geluVJP(x, at: x) },
        Call(.quickGELU, 200, 80) { b in _ = b.quickGELU(x) },
        Call(.quickGELUVJP, 360, 120) { b in _ = b.quickGELUVJP(x, at: x) },
    ]

    private static let rowwise: [Call] = [
        Call(.addRow, 40, 84) { b in _ = b.add(x, row: row) },
        Call(.multiplyRow, 40, 84) { b in _ = b.multiply(x, row: row) },
        Call(.columnSums, 40, 44) { b in _ = b.columnSums(x, shape: [4]) },
        Call(.columnDots, 80, 84) { b in _ = b.columnDots(x, x, shape: [4]) },
        Call(.rowDots, 80, 90) { b in _ = b.rowDots(x, x) },
        Call(.scaledRows, 40, 90) { b in _ = b.scaledRows(x, by: rows) },
    ]

    private static let products: [Call] = [
        // 10 × 4 · 4 × 3 + 3: 240 for the product, 30 for the bias.
        Call(.product, 270, 40 + 12 + 30 + 3) { b in
            _ = b.product(x, transposed: false, value(3, 4), transposed: true, bias: value(3))
        },
        Call(.layerNorm, 280, 80 + 8 + 20) { b in _ = b.layerNorm(x, weight: row, bias: row, epsilon: 1e-5) },
        Call(.layerNormVJP, 560, 120 + 12 + 20) { b in
            _ = b.layerNormVJP(x, at: x, weight: row, mean: rows, inverseDeviation: rows)
        },
        Call(.l2Normalized, 120, 90) { b in _ = b.l2Normalized(x, epsilon: 1e-12) },
        Call(.l2NormalizedVJP, 200, 130) { b in _ = b.l2NormalizedVJP(x, y: x, inverseNorm: rows) },
        // 10 rows of 4: difference, factor, exponential, sum and quotient; then logarithm and product with a target.
        Call(.softmax, 200, 80) { b in _ = b.softmax(x, minus: nil, scaledBy: 2) },
        Call(.crossEntropy, 240, 40 + 20 + 20) { b in
            _ = b.crossEntropy(value(10, 4), to: value(5, 4), scaledBy: 2)
        },
        Call(.crossEntropyVJP, 200, 80 + 20) { b in
            _ = b.crossEntropyVJP(rows, at: value(10, 4), to: value(5, 4), logSum: rows, scaledBy: 2)
        },
        // 2 images, 5 tokens, 2 heads of 2: two products of 2·5·5·2 a head and image, and four a score of 100.
        Call(.attention, 400 + 400 + 400, 120 + 40 + 20) { b in
            _ = b.attention(value(2, 5, 12), headCount: 2, isCausal: false)
        },
        Call(.attentionVJP, 5 * 400 + 500, 240 + 80 + 20) { b in
            _ = b.attentionVJP(x, qkv: value(2, 5, 12), y: x, logSum: value(2, 2, 5), headCount: 2, isCausal: false)
        },
    ]

    private static let small = Grid(rows: 2, columns: 3)
    private static let large = Grid(rows: 4, columns: 5)
    private static let whole = [RegionOfInterest(imageIndex: 0, x0: 0, y0: 0, x1: 3, y1: 2)]  // all six cells

    private static let pictures: [Call] = [
        Call(.patches, 0, 2 * 96) { b in _ = b.patches(value(1, 3, 4, 8), size: 4) },
        Call(.unpatched, 0, 2 * 96) { b in _ = b.unpatched(value(1, 2, 48), size: 4, shape: [1, 3, 4, 8]) },
        // From 2 × 3 over 2 × 5 to 4 × 5, each time four taps of two operations, four numbers a cell.
        Call(.bicubicResized, 8 * 4 * (10 + 20), 4 * (6 + 20)) { b in
            _ = b.bicubicResized(value(6, 4), from: small, to: large)
        },
        Call(.bicubicResizedVJP, 8 * 4 * (10 + 20), 4 * (6 + 20)) { b in
            _ = b.bicubicResizedVJP(value(20, 4), from: small, to: large)
        },
        Call(.roiAligned, 2 * 4 * 6, 24 + 4) { b in _ = b.roiAligned(value(1, 6, 4), whole, grid: small) },
        Call(.roiAlignedVJP, 2 * 4 * 6, 4 + 24) { b in
            _ = b.roiAlignedVJP(value(1, 4), whole, grid: small, imageCount: 1)
        },
    ]

    private static let vectors: [Call] = [
        Call(.sum, 40, 40) { b in _ = b.sum(x) },
        Call(.sumOfSquares, 80, 40) { b in _ = b.sumOfSquares(x) },
        Call(.isFinite, 0, 40) { b in _ = b.isFinite(x) },
        Call(.adamW, 15 * 30, 7 * 30) { b in
            var (p, m, v) = (value(40), value(40), value(40))
            let step = AdamWStep(learningRate: 0.1, weightDecay: 0, number: 1)
            b.adamW(&p, moment1: &m, moment2: &v, gradient: value(40), range: 5..<35, step: step)
        },
        Call(.updateAverage, 120, 120) { b in
            var average = x
            b.updateAverage(&average, with: x, weight: 0.5)
        },
    ]

    static let calls = memory + elementwise + rowwise + products + pictures + vectors

    @Test("with causality attention counts the scores that somebody looks at")
    func causalAttention() {
        // Of 25 scores of a head and image 15, which is three fifths of what is counted above.
        let (forward, backward) = (
            PrimitiveCost.attention([2, 5, 12], headCount: 2, isCausal: true),
            PrimitiveCost.attentionVJP([2, 5, 12], headCount: 2, isCausal: true)
        )
        #expect(forward == PrimitiveCost(operations: (400 + 400 + 400) * 3 / 5, bytes: 4 * (120 + 40 + 20)))
        #expect(backward == PrimitiveCost(operations: (5 * 400 + 500) * 3 / 5, bytes: 4 * (240 + 80 + 20)))
    }

    @Test("no primitive is forgotten here")
    func complete() {
        #expect(Self.calls.map(\.primitive) == Primitive.allCases)
    }

    @Test("each call is counted once, with the operations and bytes that one counts by hand", arguments: calls)
    func counts(call: Call) throws {
        call.make(metered)
        let usage = try #require(metered.usage[call.primitive])
        #expect(metered.usage.count == 1)
        #expect(usage.calls == 1)
        #expect(usage.cost == PrimitiveCost(operations: call.operations, bytes: 4 * call.floats), "\(call.primitive)")
        #expect(usage.seconds >= 0)
        metered.reset()
        #expect(metered.usage.isEmpty)
    }

    /// Blocks like a tower's, with every kind of gradient.
    private func results(on backend: any Backend) -> [Tensor] {
        let shapes: [Shape] = [
            [2, 3, 8, 12], [24, 48], [24], [7, 24], [24], [24], [72, 24], [72], [96, 24], [96], [24, 96], [24, 5],
        ]
        let regions = [RegionOfInterest(imageIndex: 1, x0: 0.2, y0: 0, x1: 2.5, y1: 1.7)]
        return BackendComparison.results(on: backend, shapes, 21) { p in
            var x = p[0].patches(size: 4).linear(weight: p[1])
            x = x.prepending(token: p[2]).adding(positions: p[3])
            let normal = x.layerNorm(weight: p[4], bias: p[5], epsilon: 1e-5)
            x = x + normal.linear(weight: p[6], bias: p[7]).attention(headCount: 3).multiplied(row: p[2])
            x = x + x.linear(weight: p[8], bias: p[9]).gelu().quickGELU().linear(weight: p[10])
            let features = x.sliced(axis: 1, 1..<7).matmul(p[11]).l2Normalized()
            return features.roiAligned(regions, rows: 2, columns: 3).l2Normalized()
        }
    }

    @Test("results and gradients are those of the other backend, bit for bit")
    func identical() {
        let plain = results(on: CPUBackend(threadCount: 2))
        let counted = results(on: metered)
        #expect(plain.count == counted.count)
        for (a, b) in zip(plain, counted) {
            #expect(a.floats.map(\.bitPattern) == b.floats.map(\.bitPattern), "\(a.shape)")
            #expect(b.backend === metered)
        }
        #expect(metered.usage[.attention]?.calls == 1)
        #expect(metered.usage[.attentionVJP]?.calls == 1)
        // Four linear layers and a projection: forward, and two gradients each, all inputs being variables.
        #expect(metered.usage[.product]?.calls == 15)
    }

    @Test("an update in place stays in place, and the copy for one that may not is counted as a copy")
    func inPlace() {
        let other = Self.value(40)
        var own = metered.copied(other)
        metered.reset()
        let before = own.storage.address
        metered.accumulate(other, scaledBy: 1, into: &own)
        #expect(own.storage.address == before)
        #expect(metered.usage[.copied] == nil)
        let shared = own
        metered.accumulate(other, scaledBy: 1, into: &own)
        #expect(own.storage.address != shared.storage.address)
        #expect(own.backend === metered)
        #expect(metered.usage[.copied]?.calls == 1)
    }
}
