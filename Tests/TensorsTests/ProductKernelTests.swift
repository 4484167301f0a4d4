import CKernels
import COpenBLAS
import TestSupport
import Tensors
import Testing

@Suite struct ProductKernelTests {
    /// What this processor can run, best first.
    private static let levels: [Int32] =
        switch kernel_level() {
        case 4: [4, 3, 1]
        case 3: [3, 1]
        case let level: [level]
        }

    private struct Operands {
        let rows: Int
        let inner: Int
        let columns: Int
        let transposesA: Bool
        let transposesB: Bool
        let a: [Float]
        let b: [Float]
        let bias: [Float]

        init(_ extents: [Int], transposesA: Bool, transposesB: Bool) {
            (rows, inner, columns) = (extents[0], extents[1], extents[2])
            (self.transposesA, self.transposesB) = (transposesA, transposesB)
            let backend = CPUBackend(threadCount: 1)
            a = Tensor.random([rows * inner], seed: 1, on: backend).floats
            b = Tensor.random([inner * columns], seed: 2, on: backend).floats
            bias = Tensor.random([columns], seed: 3, on: backend).floats
        }

        func withMatrices(_ body: (kernel_matrix, kernel_matrix) -> Void) {
            a.withUnsafeBufferPointer { a in
                b.withUnsafeBufferPointer { b in
                    body(
                        .init(
                            start: a.baseAddress,
                            row_stride: transposesA ? 1 : inner,
                            column_stride: transposesA ? rows : 1
                        ),
                        .init(
                            start: b.baseAddress,
                            row_stride: transposesB ? 1 : columns,
                            column_stride: transposesB ? inner : 1
                        )
                    )
                }
            }
        }

        /// Surrounded by a margin that must stay as it is.
        func result(_ body: (kernel_matrix, kernel_matrix, UnsafeMutablePointer<Float>) -> Void) -> [Float] {
            var y = [Float](repeating: 7, count: rows * columns + 64)
            y.withUnsafeMutableBufferPointer { y in
                if let start = y.baseAddress { withMatrices { body($0, $1, start + 32) } }
            }
            #expect(y.prefix(32).allSatisfy { $0 == 7 } && y.suffix(32).allSatisfy { $0 == 7 })
            return Array(y[32..<(32 + rows * columns)])
        }

        func product(level: Int32) -> [Float] {
            result { kernel_product(level, $0, $1, bias, 0, $2, columns, rows, inner, columns) }
        }

        func packedProduct(level: Int32) -> [Float] {
            var packed = [Float](repeating: 0, count: kernel_product_packed_count(inner, columns))
            return result { a, b, y in
                kernel_product_pack(level, b, &packed, inner, columns)
                kernel_product_packed(level, a, packed, bias, 0, y, columns, rows, inner, columns)
            }
        }

        func openBLAS() -> [Float] {
            result { a, b, y in
                for row in 0..<rows { for column in 0..<columns { y[row * columns + column] = bias[column] } }
                let (aStride, bStride) = (transposesA ? rows : inner, transposesB ? inner : columns)
                stillhouse_sgemm(
                    transposesA,
                    transposesB,
                    rows,
                    columns,
                    inner,
                    1,
                    a.start,
                    aStride,
                    b.start,
                    bStride,
                    1,
                    y,
                    columns
                )
            }
        }
    }

    private static let extents = [
        [1, 1, 1], [3, 2, 17], [14, 16, 32], [15, 17, 33], [99, 64, 197], [197, 99, 64], [130, 197, 64],
        [225, 385, 31],
        [113, 1576, 100], [13, 400, 700],
    ]

    @Test("every build agrees with OpenBLAS on odd extents, and writes nothing else", arguments: extents, [0, 1, 2, 3])
    func agreesWithOpenBLAS(extents: [Int], transposition: Int) {
        let operands = Operands(extents, transposesA: transposition & 1 > 0, transposesB: transposition & 2 > 0)
        let expected = operands.openBLAS()
        for level in Self.levels {
            let worst = zip(operands.product(level: level), expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
            #expect(worst < 1e-6 * Float(extents[1] + 8), "level \(level): \(worst)")
        }
    }

    @Test("packed apart or on the way, the bits are the same", arguments: extents, [0, 1, 2, 3])
    func packing(extents: [Int], transposition: Int) {
        let operands = Operands(extents, transposesA: transposition & 1 > 0, transposesB: transposition & 2 > 0)
        for level in Self.levels {
            let (once, apart) = (operands.product(level: level), operands.packedProduct(level: level))
            #expect(once.map(\.bitPattern) == apart.map(\.bitPattern), "level \(level)")
        }
    }

    @Test("builds with fused multiply-adds have the same bits, however wide", arguments: extents)
    func levels(extents: [Int]) {
        let operands = Operands(extents, transposesA: false, transposesB: true)
        let found = Self.levels.filter { $0 != 1 }.map { operands.product(level: $0).map(\.bitPattern) }
        #expect(found.allSatisfy { $0 == found[0] })
    }
}
