package import Tensors

/// Rows, products and normalisation.
extension ReferenceBackend {
    package func add(_ x: TensorValue, row: TensorValue) -> TensorValue {
        let (numbers, addend) = (x.doubles, row.doubles)
        return value(x.shape) { numbers[$0] + addend[$0 % addend.count] }
    }

    package func multiply(_ x: TensorValue, row: TensorValue) -> TensorValue {
        let (numbers, factors) = (x.doubles, row.doubles)
        return value(x.shape) { numbers[$0] * factors[$0 % factors.count] }
    }

    package func gatheredRows(_ table: TensorValue, _ indices: [Int32]) -> TensorValue {
        let (numbers, columns) = (table.doubles, table.shape[-1])
        return value([indices.count, columns]) { numbers[Int(indices[$0 / columns]) * columns + $0 % columns] }
    }

    package func gatheredRowsVJP(_ gradient: TensorValue, _ indices: [Int32], rows: Int) -> TensorValue {
        let (numbers, columns) = (gradient.doubles, gradient.shape[-1])
        var table = [Double](repeating: 0, count: rows * columns)
        for (place, number) in numbers.enumerated() {
            table[Int(indices[place / columns]) * columns + place % columns] += number
        }
        return value(table, [rows, columns])
    }

    package func columnSums(_ x: TensorValue, shape: Shape) -> TensorValue {
        let numbers = x.doubles
        return value(shape) { column in
            stride(from: column, to: numbers.count, by: shape.count).reduce(0) { $0 + numbers[$1] }
        }
    }

    package func columnDots(_ a: TensorValue, _ b: TensorValue, shape: Shape) -> TensorValue {
        columnSums(multiply(a, b), shape: shape)
    }

    package func rowDots(_ a: TensorValue, _ b: TensorValue) -> TensorValue {
        let (numbers, others, columns) = (a.doubles, b.doubles, a.shape[-1])
        return value(Shape(Array(a.shape.dimensions.dropLast()))) { row in
            (0..<columns).reduce(0) { $0 + numbers[row * columns + $1] * others[row * columns + $1] }
        }
    }

    package func scaledRows(_ x: TensorValue, by factors: TensorValue) -> TensorValue {
        let (numbers, scales, columns) = (x.doubles, factors.doubles, x.shape[-1])
        return value(x.shape) { numbers[$0] * scales[$0 / columns] }
    }

    package func product(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        bias: TensorValue?
    ) -> TensorValue {
        let (left, right, shift) = (a.doubles, b.doubles, bias?.doubles)
        let (aColumns, bColumns) = (a.shape[-1], b.shape[-1])
        let rows = transposesA ? aColumns : a.shape.rowCount
        let inner = transposesA ? a.shape.rowCount : aColumns
        let columns = transposesB ? b.shape.rowCount : bColumns
        return value([rows, columns]) { flat in
            let (m, n) = flat.quotientAndRemainder(dividingBy: columns)
            return (0..<inner).reduce(shift?[n] ?? 0) { sum, k in
                let x = left[transposesA ? k * aColumns + m : m * aColumns + k]
                let y = right[transposesB ? n * bColumns + k : k * bColumns + n]
                return sum + x * y
            }
        }
    }

    package func layerNorm(
        _ x: TensorValue,
        weight: TensorValue,
        bias: TensorValue,
        epsilon: Double
    ) -> (y: TensorValue, mean: TensorValue, inverseDeviation: TensorValue) {
        let (numbers, scale, shift, columns) = (x.doubles, weight.doubles, bias.doubles, x.shape[-1])
        let means = rows(x).map { $0.reduce(0, +) / Double(columns) }
        let inverses = zip(rows(x), means).map { row, mean in
            1 / (row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns) + epsilon).squareRoot()
        }
        let y = value(x.shape) {
            (numbers[$0] - means[$0 / columns]) * inverses[$0 / columns] * scale[$0 % columns] + shift[$0 % columns]
        }
        return (y, value(means, [means.count]), value(inverses, [means.count]))
    }

    package func layerNormVJP(
        _ gradient: TensorValue,
        at x: TensorValue,
        weight: TensorValue,
        mean: TensorValue,
        inverseDeviation: TensorValue
    ) -> (x: TensorValue, weight: TensorValue, bias: TensorValue) {
        let columns = x.shape[-1]
        let (numbers, up, scale) = (x.doubles, gradient.doubles, weight.doubles)
        let (means, inverses) = (mean.doubles, inverseDeviation.doubles)
        var dx = [Double](repeating: 0, count: numbers.count)
        var (dweight, dbias) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
        for row in 0..<x.shape.rowCount {
            let cells = row * columns..<(row + 1) * columns
            let standard = cells.map { (numbers[$0] - means[row]) * inverses[row] }
            let inner = cells.map { up[$0] * scale[$0 - cells.lowerBound] }
            let average = inner.reduce(0, +) / Double(columns)
            let along = zip(inner, standard).reduce(0) { $0 + $1.0 * $1.1 } / Double(columns)
            for c in 0..<columns {
                dx[cells.lowerBound + c] = inverses[row] * (inner[c] - average - standard[c] * along)
                dweight[c] += up[cells.lowerBound + c] * standard[c]
                dbias[c] += up[cells.lowerBound + c]
            }
        }
        return (value(dx, x.shape), value(dweight, [columns]), value(dbias, [columns]))
    }

    package func l2Normalized(_ x: TensorValue, epsilon: Double) -> (y: TensorValue, inverseNorm: TensorValue) {
        let norms = rows(x).map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let (numbers, columns) = (x.doubles, x.shape[-1])
        let y = value(x.shape) { numbers[$0] / max(norms[$0 / columns], epsilon) }
        return (y, value(norms.map { $0 < epsilon ? 0 : 1 / $0 }, [norms.count]))
    }

    package func l2NormalizedVJP(_ gradient: TensorValue, y: TensorValue, inverseNorm: TensorValue) -> TensorValue {
        let (up, unit, inverses, columns) = (gradient.doubles, y.doubles, inverseNorm.doubles, y.shape[-1])
        let along = rowDots(gradient, y).doubles
        return value(y.shape) { (up[$0] - along[$0 / columns] * unit[$0]) * inverses[$0 / columns] }
    }

    func rows(_ x: TensorValue) -> [[Double]] {
        let (numbers, columns) = (x.doubles, x.shape[-1])
        return (0..<x.shape.rowCount).map { Array(numbers[$0 * columns..<($0 + 1) * columns]) }
    }
}
