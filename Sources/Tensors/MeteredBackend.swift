import Synchronization

/// Another backend, with the time, calls, operations and bytes of every primitive summed.
///
/// Results are the other backend's, bit for bit. For benchmarks only: what trains is never wrapped.
package final class MeteredBackend: Backend {
    package let inner: any Backend
    private let state = Mutex([Primitive: PrimitiveUsage]())

    package init(_ inner: any Backend) { self.inner = inner }

    package var dtype: DType { inner.dtype }

    /// Sums since the start or the last reset; primitives without a call are missing.
    package var usage: [Primitive: PrimitiveUsage] { state.withLock { $0 } }

    package func reset() { state.withLock { $0 = [:] } }

    /// Runs one primitive of the other backend and adds what it took.
    private func metered<R>(_ primitive: Primitive, _ cost: PrimitiveCost, _ body: () throws -> R) rethrows -> R {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try body()
        let seconds = (clock.now - start) / .seconds(1)
        state.withLock { $0[primitive, default: PrimitiveUsage()].add(seconds: seconds, cost: cost) }
        return result
    }

    /// The same for a result, which from now on belongs to this backend.
    private func owned(_ primitive: Primitive, _ cost: PrimitiveCost, _ body: () throws -> TensorValue) rethrows
        -> TensorValue
    {
        TensorValue(adopting: try metered(primitive, cost, body), by: self)
    }
}

extension PrimitiveUsage {
    fileprivate mutating func add(seconds more: Double, cost addition: PrimitiveCost) {
        calls += 1
        seconds += more
        cost = cost + addition
    }
}

extension TensorValue {
    /// The same storage under another backend, which computes on such storage too.
    fileprivate init(adopting other: TensorValue, by backend: any Backend) {
        self.init(shape: other.shape, backend: backend, storage: other.storage, offset: other.offset)
    }
}

// MARK: Memory

extension MeteredBackend {
    package func value(
        _ shape: Shape,
        initializing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows -> TensorValue {
        try owned(.value, PrimitiveCost(floats: shape.count)) { try inner.value(shape, initializing: body) }
    }

    package func withFloats<R>(of value: TensorValue, _ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        try inner.withFloats(of: value, body)
    }

    package func filled(_ shape: Shape, with number: Double) -> TensorValue {
        owned(.filled, PrimitiveCost(floats: shape.count)) { inner.filled(shape, with: number) }
    }

    package func add(_ value: TensorValue, _ range: Range<Int>, to sum: UnsafeMutableBufferPointer<Float>) {
        metered(.addToHost, .elementwise(range.count, inputs: 2)) { inner.add(value, range, to: sum) }
    }

    package func copied(_ value: TensorValue) -> TensorValue {
        owned(.copied, PrimitiveCost(floats: 2 * value.count)) { inner.copied(value) }
    }

    package func concatenated(_ values: [TensorValue], axis: Int) -> TensorValue {
        let count = values.reduce(0) { $0 + $1.count }
        return owned(.concatenated, PrimitiveCost(floats: 2 * count)) { inner.concatenated(values, axis: axis) }
    }

    package func sliced(_ value: TensorValue, axis: Int, _ range: Range<Int>) -> TensorValue {
        // A slice that shares memory moves nothing.
        let (outer, _, inside) = value.shape.split(around: axis)
        let moved = outer == 1 ? 0 : 2 * outer * range.count * inside
        return owned(.sliced, PrimitiveCost(floats: moved)) { inner.sliced(value, axis: axis, range) }
    }

    package func placed(_ value: TensorValue, axis: Int, _ range: Range<Int>, extent: Int) -> TensorValue {
        let result = value.shape.replacing(axis: axis, with: extent).count
        return owned(.placed, PrimitiveCost(floats: value.count + result)) {
            inner.placed(value, axis: axis, range, extent: extent)
        }
    }

    package func repeated(_ row: TensorValue, rows: Int) -> TensorValue {
        owned(.repeated, PrimitiveCost(floats: row.count * (rows + 1))) { inner.repeated(row, rows: rows) }
    }

    package func gatheredRows(_ table: TensorValue, _ indices: [Int32]) -> TensorValue {
        owned(.gatheredRows, PrimitiveCost(floats: 2 * indices.count * table.shape[-1])) {
            inner.gatheredRows(table, indices)
        }
    }

    package func gatheredRowsVJP(_ gradient: TensorValue, _ indices: [Int32], rows: Int) -> TensorValue {
        // Zeros everywhere; then each row of the gradient and the one that it is added to.
        let cost = PrimitiveCost(
            operations: gradient.count,
            floats: rows * gradient.shape[-1] + 3 * gradient.count
        )
        return owned(.gatheredRowsVJP, cost) { inner.gatheredRowsVJP(gradient, indices, rows: rows) }
    }
}

// MARK: Elementwise

extension MeteredBackend {
    package func add(_ a: TensorValue, _ b: TensorValue) -> TensorValue {
        owned(.add, .elementwise(a.count, inputs: 2)) { inner.add(a, b) }
    }

    package func subtract(_ a: TensorValue, _ b: TensorValue) -> TensorValue {
        owned(.subtract, .elementwise(a.count, inputs: 2)) { inner.subtract(a, b) }
    }

    package func multiply(_ a: TensorValue, _ b: TensorValue) -> TensorValue {
        owned(.multiply, .elementwise(a.count, inputs: 2)) { inner.multiply(a, b) }
    }

    package func scaled(_ value: TensorValue, by factor: Double) -> TensorValue {
        owned(.scaled, .elementwise(value.count, inputs: 1)) { inner.scaled(value, by: factor) }
    }

    package func accumulate(_ value: TensorValue, scaledBy factor: Double, into target: inout TensorValue) {
        target.makeUnique()
        metered(.accumulate, .elementwise(value.count, inputs: 2, operations: 2)) {
            inner.accumulate(value, scaledBy: factor, into: &target)
        }
    }

    package func gelu(_ x: TensorValue) -> TensorValue {
        owned(.gelu, .elementwise(x.count, inputs: 1, operations: 4)) { inner.gelu(x) }
    }

    package func geluVJP(_ gradient: TensorValue, at x: TensorValue) -> TensorValue {
        owned(.geluVJP, .elementwise(x.count, inputs: 2, operations: 8)) { inner.geluVJP(gradient, at: x) }
    }

    package func quickGELU(_ x: TensorValue) -> TensorValue {
        owned(.quickGELU, .elementwise(x.count, inputs: 1, operations: 5)) { inner.quickGELU(x) }
    }

    package func quickGELUVJP(_ gradient: TensorValue, at x: TensorValue) -> TensorValue {
        owned(.quickGELUVJP, .elementwise(x.count, inputs: 2, operations: 9)) { inner.quickGELUVJP(gradient, at: x) }
    }
}

// MARK: Rows

extension MeteredBackend {
    package func add(_ x: TensorValue, row: TensorValue) -> TensorValue {
        owned(.addRow, PrimitiveCost(operations: x.count, floats: 2 * x.count + row.count)) { inner.add(x, row: row) }
    }

    package func multiply(_ x: TensorValue, row: TensorValue) -> TensorValue {
        owned(.multiplyRow, PrimitiveCost(operations: x.count, floats: 2 * x.count + row.count)) {
            inner.multiply(x, row: row)
        }
    }

    package func columnSums(_ x: TensorValue, shape: Shape) -> TensorValue {
        owned(.columnSums, PrimitiveCost(operations: x.count, floats: x.count + shape.count)) {
            inner.columnSums(x, shape: shape)
        }
    }

    package func columnDots(_ a: TensorValue, _ b: TensorValue, shape: Shape) -> TensorValue {
        owned(.columnDots, PrimitiveCost(operations: 2 * a.count, floats: 2 * a.count + shape.count)) {
            inner.columnDots(a, b, shape: shape)
        }
    }

    package func rowDots(_ a: TensorValue, _ b: TensorValue) -> TensorValue {
        owned(.rowDots, PrimitiveCost(operations: 2 * a.count, floats: 2 * a.count + a.shape.rowCount)) {
            inner.rowDots(a, b)
        }
    }

    package func scaledRows(_ x: TensorValue, by factors: TensorValue) -> TensorValue {
        owned(.scaledRows, PrimitiveCost(operations: x.count, floats: 2 * x.count + factors.count)) {
            inner.scaledRows(x, by: factors)
        }
    }
}

// MARK: Products, normalisation, attention

extension MeteredBackend {
    package func product(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        bias: TensorValue?
    ) -> TensorValue {
        let cost = Self.productCost(a, transposesA, b, transposesB, hasBias: bias != nil)
        return owned(.product, cost) {
            inner.product(a, transposed: transposesA, b, transposed: transposesB, bias: bias)
        }
    }

    private static func productCost(
        _ a: TensorValue,
        _ transposesA: Bool,
        _ b: TensorValue,
        _ transposesB: Bool,
        hasBias: Bool
    ) -> PrimitiveCost {
        let (rows, inner) = transposesA ? (a.shape[-1], a.shape.rowCount) : (a.shape.rowCount, a.shape[-1])
        let columns = transposesB ? b.shape.rowCount : b.shape[-1]
        return .product(rows: rows, inner: inner, columns: columns, hasBias: hasBias)
    }

    package func layerNorm(
        _ x: TensorValue,
        weight: TensorValue,
        bias: TensorValue,
        epsilon: Double
    ) -> (y: TensorValue, mean: TensorValue, inverseDeviation: TensorValue) {
        // Sum, centre, square and sum, then scale, weigh and shift.
        let cost = PrimitiveCost(
            operations: 7 * x.count,
            floats: 2 * x.count + weight.count + bias.count + 2 * x.shape.rowCount
        )
        let result = metered(.layerNorm, cost) { inner.layerNorm(x, weight: weight, bias: bias, epsilon: epsilon) }
        return (owned(result.y), owned(result.mean), owned(result.inverseDeviation))
    }

    package func layerNormVJP(
        _ gradient: TensorValue,
        at x: TensorValue,
        weight: TensorValue,
        mean: TensorValue,
        inverseDeviation: TensorValue
    ) -> (x: TensorValue, weight: TensorValue, bias: TensorValue) {
        let cost = PrimitiveCost(
            operations: 14 * x.count,
            floats: 3 * x.count + 3 * weight.count + 2 * x.shape.rowCount
        )
        let result = metered(.layerNormVJP, cost) {
            inner.layerNormVJP(gradient, at: x, weight: weight, mean: mean, inverseDeviation: inverseDeviation)
        }
        return (owned(result.x), owned(result.weight), owned(result.bias))
    }

    package func l2Normalized(_ x: TensorValue, epsilon: Double) -> (y: TensorValue, inverseNorm: TensorValue) {
        let cost = PrimitiveCost(operations: 3 * x.count, floats: 2 * x.count + x.shape.rowCount)
        let result = metered(.l2Normalized, cost) { inner.l2Normalized(x, epsilon: epsilon) }
        return (owned(result.y), owned(result.inverseNorm))
    }

    package func l2NormalizedVJP(
        _ gradient: TensorValue,
        y: TensorValue,
        inverseNorm: TensorValue
    ) -> TensorValue {
        let cost = PrimitiveCost(operations: 5 * y.count, floats: 3 * y.count + inverseNorm.count)
        return owned(.l2NormalizedVJP, cost) { inner.l2NormalizedVJP(gradient, y: y, inverseNorm: inverseNorm) }
    }

    package func attention(
        _ qkv: TensorValue,
        headCount: Int,
        isCausal: Bool
    ) -> (y: TensorValue, logSum: TensorValue) {
        let result = metered(.attention, .attention(qkv.shape, headCount: headCount, isCausal: isCausal)) {
            inner.attention(qkv, headCount: headCount, isCausal: isCausal)
        }
        return (owned(result.y), owned(result.logSum))
    }

    package func attentionVJP(
        _ gradient: TensorValue,
        qkv: TensorValue,
        y: TensorValue,
        logSum: TensorValue,
        headCount: Int,
        isCausal: Bool
    ) -> TensorValue {
        owned(.attentionVJP, .attentionVJP(qkv.shape, headCount: headCount, isCausal: isCausal)) {
            inner.attentionVJP(
                gradient,
                qkv: qkv,
                y: y,
                logSum: logSum,
                headCount: headCount,
                isCausal: isCausal
            )
        }
    }

    private func owned(_ value: TensorValue) -> TensorValue { TensorValue(adopting: value, by: self) }
}

// MARK: Distributions

extension MeteredBackend {
    package func softmax(_ x: TensorValue, minus row: TensorValue?, scaledBy factor: Double) -> TensorValue {
        owned(.softmax, .elementwise(x.count, inputs: 1, operations: 5)) {
            inner.softmax(x, minus: row, scaledBy: factor)
        }
    }

    package func crossEntropy(_ x: TensorValue, to targets: TensorValue, scaledBy factor: Double)
        -> (losses: TensorValue, logSum: TensorValue)
    {
        let cost = PrimitiveCost(operations: 6 * x.count, floats: x.count + targets.count + 2 * x.shape[0])
        let (losses, logSum) = metered(.crossEntropy, cost) { inner.crossEntropy(x, to: targets, scaledBy: factor) }
        return (owned(losses), owned(logSum))
    }

    package func crossEntropyVJP(
        _ gradient: TensorValue,
        at x: TensorValue,
        to targets: TensorValue,
        logSum: TensorValue,
        scaledBy factor: Double
    ) -> TensorValue {
        owned(.crossEntropyVJP, PrimitiveCost(operations: 5 * x.count, floats: 2 * x.count + targets.count)) {
            inner.crossEntropyVJP(gradient, at: x, to: targets, logSum: logSum, scaledBy: factor)
        }
    }
}

// MARK: Pictures and grids

extension MeteredBackend {
    package func patches(_ images: TensorValue, size: Int) -> TensorValue {
        owned(.patches, PrimitiveCost(floats: 2 * images.count)) { inner.patches(images, size: size) }
    }

    package func unpatched(_ patches: TensorValue, size: Int, shape: Shape) -> TensorValue {
        owned(.unpatched, PrimitiveCost(floats: 2 * patches.count)) {
            inner.unpatched(patches, size: size, shape: shape)
        }
    }

    package func bicubicResized(_ x: TensorValue, from source: Grid, to target: Grid) -> TensorValue {
        owned(.bicubicResized, Self.resizing(depth: x.shape[1], source, target)) {
            inner.bicubicResized(x, from: source, to: target)
        }
    }

    package func bicubicResizedVJP(_ gradient: TensorValue, from source: Grid, to target: Grid) -> TensorValue {
        owned(.bicubicResizedVJP, Self.resizing(depth: gradient.shape[1], source, target)) {
            inner.bicubicResizedVJP(gradient, from: source, to: target)
        }
    }

    /// Four taps an element along rows, then four along columns.
    private static func resizing(depth: Int, _ source: Grid, _ target: Grid) -> PrimitiveCost {
        PrimitiveCost(
            operations: 8 * depth * (source.rows * target.columns + target.count),
            floats: depth * (source.count + target.count)
        )
    }

    package func roiAligned(_ x: TensorValue, _ regions: [RegionOfInterest], grid: Grid) -> TensorValue {
        let depth = x.shape[2]
        let cost = PrimitiveCost(
            operations: 2 * depth * Self.cellCount(regions, grid),
            floats: x.count + regions.count * depth
        )
        return owned(.roiAligned, cost) { inner.roiAligned(x, regions, grid: grid) }
    }

    package func roiAlignedVJP(
        _ gradient: TensorValue,
        _ regions: [RegionOfInterest],
        grid: Grid,
        imageCount: Int
    ) -> TensorValue {
        let depth = gradient.shape[1]
        let cost = PrimitiveCost(
            operations: 2 * depth * Self.cellCount(regions, grid),
            floats: gradient.count + imageCount * grid.count * depth
        )
        return owned(.roiAlignedVJP, cost) {
            inner.roiAlignedVJP(gradient, regions, grid: grid, imageCount: imageCount)
        }
    }

    /// Cells that take part in any region, each as often as it does.
    private static func cellCount(_ regions: [RegionOfInterest], _ grid: Grid) -> Int {
        regions.reduce(0) { sum, region in
            let across = RegionWeights(from: region.x0, to: region.x1, count: grid.columns)
            let down = RegionWeights(from: region.y0, to: region.y1, count: grid.rows)
            return sum + across.cells.count * down.cells.count
        }
    }
}

// MARK: Reductions and updates

extension MeteredBackend {
    package func sum(_ x: TensorValue) -> Double {
        metered(.sum, PrimitiveCost(operations: x.count, floats: x.count)) { inner.sum(x) }
    }

    package func sumOfSquares(_ x: TensorValue) -> Double {
        metered(.sumOfSquares, PrimitiveCost(operations: 2 * x.count, floats: x.count)) { inner.sumOfSquares(x) }
    }

    package func isFinite(_ x: TensorValue) -> Bool {
        metered(.isFinite, PrimitiveCost(floats: x.count)) { inner.isFinite(x) }
    }

    package func adamW(
        _ parameters: inout TensorValue,
        moment1: inout TensorValue,
        moment2: inout TensorValue,
        gradient: TensorValue,
        range: Range<Int>,
        step: AdamWStep
    ) {
        parameters.makeUnique()
        moment1.makeUnique()
        moment2.makeUnique()
        // Reads four vectors and writes three.
        metered(.adamW, PrimitiveCost(operations: 15 * range.count, floats: 7 * range.count)) {
            inner.adamW(
                &parameters,
                moment1: &moment1,
                moment2: &moment2,
                gradient: gradient,
                range: range,
                step: step
            )
        }
    }

    package func updateAverage(_ average: inout TensorValue, with value: TensorValue, weight: Float) {
        average.makeUnique()
        metered(.updateAverage, .elementwise(average.count, inputs: 2, operations: 3)) {
            inner.updateAverage(&average, with: value, weight: weight)
        }
    }
}
