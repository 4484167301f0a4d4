package import Tensors

/// A 3 × 3 convolution that keeps the size of its picture: what lies outside is zero.
///
/// Neighbourhoods are gathered as rows, so that one product does the work.
package struct Convolution {
    /// `[outputs, 3, 3, inputs]`: PyTorch's `[outputs, inputs, 3, 3]` with the channels moved to the end.
    package let weight: Tensor
    package let bias: Tensor  // [outputs]

    package init(_ scope: ParameterScope, inputs: Int, outputs: Int) throws {
        let bound = Initialization.fanIn(9 * inputs)
        weight = try scope.parameter("weight", [outputs, 3, 3, inputs], bound)
        bias = try scope.parameter("bias", [outputs], .zeros)
    }

    /// `[rows·columns, inputs]` of one picture → `[rows·columns, outputs]`
    package func callAsFunction(_ x: Tensor, grid: Grid) -> Tensor {
        let inputs = weight.shape[3]
        precondition(x.shape == [grid.count, inputs], "convolution: \(x.shape) is no grid of \(grid), \(inputs) deep")
        var places: [Int32] = []
        places.reserveCapacity(9 * grid.count)
        for row in 0..<grid.rows {
            for column in 0..<grid.columns {
                for y in row - 1...row + 1 {
                    for x in column - 1...column + 1 {
                        let isInside = (0..<grid.rows).contains(y) && (0..<grid.columns).contains(x)
                        places.append(Int32(isInside ? y * grid.columns + x : grid.count))
                    }
                }
            }
        }
        let edge = Tensor.zeros([1, inputs], on: x.backend)
        return Tensor.concatenated([x, edge], axis: 0).gatheredRows(places)  // [9·N, inputs]
            .reshaped(to: [grid.count, 9 * inputs])
            .linear(weight: weight.reshaped(to: [weight.shape[0], 9 * inputs]), bias: bias)
    }
}
