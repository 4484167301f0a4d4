package import Tensors

/// Learned positions, one for the class token and one a patch, resampled when images have another grid.
///
/// - SeeAlso: Dosovitskiy et al. 2021, arXiv:2010.11929, section 3.2, on resampling for other resolutions.
package struct PositionEmbedding {
    package let weight: Tensor  // [1 + rows·columns, C]
    package let grid: Grid
    private let cache = ResampledPositions()

    /// - Parameter name: the parameter's own name in the scope, as it has no `.weight` below it.
    package init(_ scope: ParameterScope, name: String, grid: Grid, channels: Int) throws {
        weight = try scope.parameter(
            name,
            [1 + grid.count, channels],
            .normal(deviation: 1 / Double(channels).squareRoot())
        )
        self.grid = grid
    }

    /// Positions for a grid: `[1 + rows·columns, C]`, the class token's row unchanged.
    ///
    /// Computed once per grid while the parameter is frozen; a variable is resampled anew, as each graph is used once.
    package func callAsFunction(_ target: Grid) -> Tensor {
        if target == grid { return weight }
        if weight.node != nil { return resampled(to: target) }
        return cache.positions(for: target) { resampled(to: target) }
    }

    private func resampled(to target: Grid) -> Tensor {
        let classToken = weight.sliced(axis: 0, 0..<1)  // [1, C]
        let patches = weight.sliced(axis: 0, 1..<1 + grid.count)  // [rows·columns, C]
        let resized = patches.bicubicResized(from: grid, to: target)
        return Tensor.concatenated([classToken, resized], axis: 0)
    }
}

/// Lives as long as the module that owns it, in that module's one task; hence no lock.
private final class ResampledPositions {
    private var tensors: [Grid: Tensor] = [:]

    func positions(for grid: Grid, _ make: () -> Tensor) -> Tensor {
        if let known = tensors[grid] { return known }
        let made = make()
        tensors[grid] = made
        return made
    }
}
