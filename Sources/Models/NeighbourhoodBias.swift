import Foundation
package import Tensors

/// How much patches listen to their neighbours: exp(−(Δrow² + Δcolumn²)/(2σ²)), to be added before a softmax.
///
/// - SeeAlso: Hajimiri et al. 2024 (NACLIP), arXiv:2404.08181, section 3.2.
package enum NeighbourhoodBias {
    /// `[1 + rows·columns, 1 + rows·columns]`: 1 from a patch to itself, 0 in the row and the column of the class token.
    package static func tensor(grid: Grid, sigma: Double, on backend: any Backend) -> Tensor {
        // Table of the distinct distances along each axis: the exponential of a sum is a product.
        let factors = (0..<max(grid.rows, grid.columns)).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let tokens = 1 + grid.count
        return Tensor([tokens, tokens], on: backend) { values in
            values.update(repeating: 0)
            for from in 0..<grid.count {
                let (row, column) = from.quotientAndRemainder(dividingBy: grid.columns)
                var place = (1 + from) * tokens + 1
                for otherRow in 0..<grid.rows {
                    let down = factors[abs(row - otherRow)]
                    for otherColumn in 0..<grid.columns {
                        values[place] = Float(down * factors[abs(column - otherColumn)])
                        place += 1
                    }
                }
            }
        }
    }
}
