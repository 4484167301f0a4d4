package import Tensors

extension ReferenceBackend {
    package func patches(_ images: TensorValue, size: Int) -> TensorValue {
        let numbers = images.doubles
        let order = Self.patchOrder(images.shape, size: size)
        let patchCount = (images.shape[2] / size) * (images.shape[3] / size)
        return value(order.map { numbers[$0] }, [images.shape[0], patchCount, images.shape[1] * size * size])
    }

    package func unpatched(_ patches: TensorValue, size: Int, shape: Shape) -> TensorValue {
        var pixels = [Double](repeating: 0, count: shape.count)
        for (index, number) in zip(Self.patchOrder(shape, size: size), patches.doubles) { pixels[index] = number }
        return value(pixels, shape)
    }

    /// For each element of the patches in order, where it is in `[B, C, H, W]`.
    private static func patchOrder(_ shape: Shape, size: Int) -> [Int] {
        var order: [Int] = []
        for b in 0..<shape[0] {
            for row in 0..<shape[2] / size {
                for column in 0..<shape[3] / size {
                    for c in 0..<shape[1] {
                        for y in 0..<size {
                            for x in 0..<size {
                                order.append(shape.flat([b, c, row * size + y, column * size + x]))
                            }
                        }
                    }
                }
            }
        }
        return order
    }

    package func bicubicResized(_ x: TensorValue, from source: Grid, to target: Grid) -> TensorValue {
        let (numbers, depth) = (x.doubles, x.shape[1])
        let down = Self.cubicMatrix(from: source.rows, to: target.rows)
        let across = Self.cubicMatrix(from: source.columns, to: target.columns)
        return value([target.count, depth]) { flat in
            let (cell, d) = flat.quotientAndRemainder(dividingBy: depth)
            let (row, column) = cell.quotientAndRemainder(dividingBy: target.columns)
            var sum = 0.0
            for r in 0..<source.rows {
                for c in 0..<source.columns where down[row][r] != 0 && across[column][c] != 0 {
                    sum += down[row][r] * across[column][c] * numbers[(r * source.columns + c) * depth + d]
                }
            }
            return sum
        }
    }

    package func bicubicResizedVJP(_ gradient: TensorValue, from source: Grid, to target: Grid) -> TensorValue {
        let (up, depth) = (gradient.doubles, gradient.shape[1])
        let down = Self.cubicMatrix(from: source.rows, to: target.rows)
        let across = Self.cubicMatrix(from: source.columns, to: target.columns)
        return value([source.count, depth]) { flat in
            let (cell, d) = flat.quotientAndRemainder(dividingBy: depth)
            let (row, column) = cell.quotientAndRemainder(dividingBy: source.columns)
            var sum = 0.0
            for r in 0..<target.rows {
                for c in 0..<target.columns {
                    sum += down[r][row] * across[c][column] * up[(r * target.columns + c) * depth + d]
                }
            }
            return sum
        }
    }

    /// `[target][source]` weights of cubic convolution with a = −0.75, from the kernel as Keys writes it.
    private static func cubicMatrix(from source: Int, to target: Int) -> [[Double]] {
        (0..<target).map { position in
            var row = [Double](repeating: 0, count: source)
            let centre = (Double(position) + 0.5) * Double(source) / Double(target) - 0.5
            let base = Int(centre.rounded(.down))
            for tap in base - 1...base + 2 {
                let x = abs(centre - Double(tap))
                let near = 1.25 * x * x * x - 2.25 * x * x + 1
                let far = -0.75 * x * x * x + 3.75 * x * x - 6 * x + 3
                row[min(max(tap, 0), source - 1)] += x <= 1 ? near : x < 2 ? far : 0
            }
            return row
        }
    }

    package func roiAligned(_ x: TensorValue, _ regions: [RegionOfInterest], grid: Grid) -> TensorValue {
        let (numbers, depth) = (x.doubles, x.shape[2])
        let weights = regions.map { Self.cellWeights($0, grid) }
        return value([regions.count, depth]) { flat in
            let (index, d) = flat.quotientAndRemainder(dividingBy: depth)
            return weights[index].enumerated().reduce(0) { sum, cell in
                sum + cell.element * numbers[(regions[index].imageIndex * grid.count + cell.offset) * depth + d]
            }
        }
    }

    package func roiAlignedVJP(
        _ gradient: TensorValue,
        _ regions: [RegionOfInterest],
        grid: Grid,
        imageCount: Int
    ) -> TensorValue {
        let (up, depth) = (gradient.doubles, gradient.shape[1])
        let weights = regions.map { Self.cellWeights($0, grid) }
        return value([imageCount, grid.count, depth]) { flat in
            let (place, d) = flat.quotientAndRemainder(dividingBy: depth)
            let (image, cell) = place.quotientAndRemainder(dividingBy: grid.count)
            return regions.indices.filter { regions[$0].imageIndex == image }
                .reduce(0) { $0 + weights[$1][cell] * up[$1 * depth + d] }
        }
    }

    /// A weight per cell, by bilinear sampling at every point of the sampling grid in turn.
    ///
    /// The number of samples is taken in Float32, since rounding there is part of the definition; the rest is Float64.
    private static func cellWeights(_ region: RegionOfInterest, _ grid: Grid) -> [Double] {
        let (left, right) = (region.x0 - 0.5, region.x1 - 0.5)
        let (top, bottom) = (region.y0 - 0.5, region.y1 - 0.5)
        let across = max(Int((right - left).rounded(.up)), 0)
        let down = max(Int((bottom - top).rounded(.up)), 0)
        var weights = [Double](repeating: 0, count: grid.count)
        for j in 0..<down {
            for i in 0..<across {
                let y = Double(top) + (Double(j) + 0.5) * Double(bottom - top) / Double(down)
                let x = Double(left) + (Double(i) + 0.5) * Double(right - left) / Double(across)
                guard y >= -1, y <= Double(grid.rows), x >= -1, x <= Double(grid.columns) else { continue }
                let (row, column) = (min(max(y, 0), Double(grid.rows - 1)), min(max(x, 0), Double(grid.columns - 1)))
                for (r, rowShare) in shares(row) {
                    for (c, columnShare) in shares(column) where rowShare != 0 && columnShare != 0 {
                        weights[r * grid.columns + c] += rowShare * columnShare / Double(down * across)
                    }
                }
            }
        }
        return weights
    }

    /// The two neighbours of a position and their bilinear shares.
    private static func shares(_ position: Double) -> [(Int, Double)] {
        let cell = Int(position)
        return [(cell, 1 - (position - Double(cell))), (cell + 1, position - Double(cell))]
    }
}
