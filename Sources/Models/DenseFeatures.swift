package import Tensors

/// A map of unit vectors, one a patch.
package struct DenseFeatures {
    /// `[B, rows·columns, E]`, each row of length 1, patches row-major.
    package let tokens: Tensor
    package let grid: Grid

    package var rows: Int { grid.rows }
    package var columns: Int { grid.columns }

    package init(tokens: Tensor, grid: Grid) {
        self.tokens = tokens
        self.grid = grid
    }
}
