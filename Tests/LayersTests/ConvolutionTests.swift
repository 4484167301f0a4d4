import Layers
import TestSupport
import Tensors
import Testing

@Suite("Convolution and GroupNorm")
struct ConvolutionTests {
    private let backend = CPUBackend(threadCount: 2)

    private func scope(_ tensors: [(String, Tensor)]) -> ParameterScope {
        var tree = ParameterTree()
        for (path, tensor) in tensors { tree[path] = tensor }
        return ParameterScope(TreeSource(tree))
    }

    @Test("each tap reads its own neighbour, and zero outside of the picture", arguments: 0..<9)
    func taps(tap: Int) throws {
        // A kernel with one tap shifts the picture.
        let kernel = (0..<9).map { $0 == tap ? Float(1) : 0 }
        let layer = try Convolution(
            scope([("weight", Tensor(kernel, [1, 3, 3, 1], on: backend)), ("bias", Tensor([10], [1], on: backend))]),
            inputs: 1,
            outputs: 1
        )
        let grid = Grid(rows: 2, columns: 3)
        let x: [Float] = [1, 2, 3, 4, 5, 6]
        let (down, across) = (tap / 3 - 1, tap % 3 - 1)
        let expected = (0..<6).map { place -> Float in
            let (row, column) = (place / 3 + down, place % 3 + across)
            return 10 + ((0..<2).contains(row) && (0..<3).contains(column) ? x[row * 3 + column] : 0)
        }
        #expect(layer(Tensor(x, [6, 1], on: backend), grid: grid).floats == expected)
    }

    @Test("gradients of picture, kernel and bias agree with finite differences")
    func gradients() {
        let check = GradientCheck([[12, 2], [3, 3, 3, 2], [3]]) { tensors in
            let scope = scope([("weight", tensors[1]), ("bias", tensors[2])])
            let layer = try? Convolution(scope, inputs: 2, outputs: 3)
            return layer?(tensors[0], grid: Grid(rows: 4, columns: 3)) ?? tensors[0]
        }
        #expect(check.largestDifference < 1e-7, "\(check.worst)")
    }

    @Test("channels make 32 groups, or the most that divide them")
    func groups() throws {
        for (channels, groups) in [(256, 32), (64, 32), (48, 24), (40, 20), (8, 8), (37, 1)] {
            let layer = try GroupNorm(
                scope([("weight", .zeros([channels], on: backend)), ("bias", .zeros([channels], on: backend))]),
                channels: channels
            )
            #expect(layer.groups == groups && layer.epsilon == 1e-5)
        }
    }
}
