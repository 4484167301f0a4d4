/// The primitives a device offers; everything above is composed of these.
///
/// Shapes are checked by the operations in `Operations/`, so a backend may trust them. Every result is a fresh value
/// unless a parameter is `inout`. Results never depend on how many threads compute them. A VJP (vector-Jacobian
/// product) takes the gradient of the operation's result first.
///
/// Letters: B images or batch, T tokens, C channels, D width, E embedding, R regions, M K N matrix extents.
package protocol Backend: AnyObject, Sendable {
    var dtype: DType { get }

    // MARK: Memory

    func value(
        _ shape: Shape,
        initializing body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows -> TensorValue
    func withFloats<R>(of value: TensorValue, _ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R
    /// Adds the elements `range` of a value to as many floats on the host.
    func add(_ value: TensorValue, _ range: Range<Int>, to sum: UnsafeMutableBufferPointer<Float>)
    func filled(_ shape: Shape, with number: Double) -> TensorValue
    func copied(_ value: TensorValue) -> TensorValue
    func concatenated(_ values: [TensorValue], axis: Int) -> TensorValue
    func sliced(_ value: TensorValue, axis: Int, _ range: Range<Int>) -> TensorValue
    /// The inverse of a slice: `value` at `range` of an axis that is `extent` long, zeros elsewhere.
    func placed(_ value: TensorValue, axis: Int, _ range: Range<Int>, extent: Int) -> TensorValue
    /// `[C]` → `[rows, C]`.
    func repeated(_ row: TensorValue, rows: Int) -> TensorValue
    /// `[V, C]` → `[N, C]`: the rows of N indices, some perhaps more than once.
    func gatheredRows(_ table: TensorValue, _ indices: [Int32]) -> TensorValue
    /// `[N, C]` → `[rows, C]`: each row added to that of its index, one after another; zeros elsewhere.
    func gatheredRowsVJP(_ gradient: TensorValue, _ indices: [Int32], rows: Int) -> TensorValue

    // MARK: Elementwise

    func add(_ a: TensorValue, _ b: TensorValue) -> TensorValue
    func subtract(_ a: TensorValue, _ b: TensorValue) -> TensorValue
    func multiply(_ a: TensorValue, _ b: TensorValue) -> TensorValue
    func scaled(_ value: TensorValue, by factor: Double) -> TensorValue
    /// `target += factor · value`, in place.
    func accumulate(_ value: TensorValue, scaledBy factor: Double, into target: inout TensorValue)
    func gelu(_ x: TensorValue) -> TensorValue
    func geluVJP(_ gradient: TensorValue, at x: TensorValue) -> TensorValue
    func quickGELU(_ x: TensorValue) -> TensorValue
    func quickGELUVJP(_ gradient: TensorValue, at x: TensorValue) -> TensorValue

    // MARK: Rows: the last axes, as many as the row has elements, against everything before

    func add(_ x: TensorValue, row: TensorValue) -> TensorValue
    func multiply(_ x: TensorValue, row: TensorValue) -> TensorValue
    /// `[..., shape]` → `shape`: the sum over everything before.
    func columnSums(_ x: TensorValue, shape: Shape) -> TensorValue
    /// As `columnSums` of the elementwise product, without storing it.
    func columnDots(_ a: TensorValue, _ b: TensorValue, shape: Shape) -> TensorValue
    /// `[..., C]`, `[..., C]` → `[...]`.
    func rowDots(_ a: TensorValue, _ b: TensorValue) -> TensorValue
    /// `[..., C]` times a factor a row, `[...]`.
    func scaledRows(_ x: TensorValue, by factors: TensorValue) -> TensorValue

    // MARK: Products

    /// `op(a)·op(b)` (+ `bias [N]`) for matrices; leading axes of `a` and `b` are folded into their rows.
    ///
    /// - Returns: `[M, N]`; the caller reshapes.
    func product(
        _ a: TensorValue,
        transposed transposesA: Bool,
        _ b: TensorValue,
        transposed transposesB: Bool,
        bias: TensorValue?
    ) -> TensorValue

    // MARK: Normalisation

    /// - Returns: `y`, and per row the mean and the inverse deviation that the VJP asks for.
    func layerNorm(
        _ x: TensorValue,
        weight: TensorValue,
        bias: TensorValue,
        epsilon: Double
    ) -> (y: TensorValue, mean: TensorValue, inverseDeviation: TensorValue)
    func layerNormVJP(
        _ gradient: TensorValue,
        at x: TensorValue,
        weight: TensorValue,
        mean: TensorValue,
        inverseDeviation: TensorValue
    ) -> (x: TensorValue, weight: TensorValue, bias: TensorValue)
    /// - Returns: unit rows, and 1/norm per row: 0 where the norm is below epsilon, since no gradient passes there.
    func l2Normalized(_ x: TensorValue, epsilon: Double) -> (y: TensorValue, inverseNorm: TensorValue)
    func l2NormalizedVJP(_ gradient: TensorValue, y: TensorValue, inverseNorm: TensorValue) -> TensorValue

    // MARK: Distributions over the last axis

    /// `softmax(factor · (x − row))`; `[..., C]`, with a row `[C]` or none.
    func softmax(_ x: TensorValue, minus row: TensorValue?, scaledBy factor: Double) -> TensorValue
    /// `[R, C]` against `[T, C]` whose rows sum to 1: the cross entropy of `softmax(factor · x)` to its target, where
    /// target t serves rows t·R/T and those that follow.
    ///
    /// - Returns: `[R]`, and the log of each row's softmax denominator, `[R]`.
    func crossEntropy(_ x: TensorValue, to targets: TensorValue, scaledBy factor: Double)
        -> (losses: TensorValue, logSum: TensorValue)
    func crossEntropyVJP(
        _ gradient: TensorValue,
        at x: TensorValue,
        to targets: TensorValue,
        logSum: TensorValue,
        scaledBy factor: Double
    ) -> TensorValue

    // MARK: Attention

    /// Multi-head attention of packed `[B, T, 3·D]` (query, key, value), scaled by 1/√(head size).
    ///
    /// - Parameter isCausal: whether a token looks at itself and those before it only.
    /// - Returns: `[B, T, D]`, and the log of each row's softmax denominator, `[B, headCount, T]`.
    func attention(_ qkv: TensorValue, headCount: Int, isCausal: Bool) -> (y: TensorValue, logSum: TensorValue)
    func attentionVJP(
        _ gradient: TensorValue,
        qkv: TensorValue,
        y: TensorValue,
        logSum: TensorValue,
        headCount: Int,
        isCausal: Bool
    ) -> TensorValue

    // MARK: Pictures and grids

    /// `[B, C, H, W]` → `[B, H/p·W/p, C·p·p]`.
    func patches(_ images: TensorValue, size: Int) -> TensorValue
    /// Patches back to `[B, C, H, W]`; its VJP and its inverse at once, as patches do not overlap.
    func unpatched(_ patches: TensorValue, size: Int, shape: Shape) -> TensorValue
    /// `[rows·columns, D]` from one grid to another.
    func bicubicResized(_ x: TensorValue, from source: Grid, to target: Grid) -> TensorValue
    func bicubicResizedVJP(_ gradient: TensorValue, from source: Grid, to target: Grid) -> TensorValue
    /// `[B, rows·columns, E]` → `[R, E]`.
    func roiAligned(_ x: TensorValue, _ regions: [RegionOfInterest], grid: Grid) -> TensorValue
    func roiAlignedVJP(
        _ gradient: TensorValue,
        _ regions: [RegionOfInterest],
        grid: Grid,
        imageCount: Int
    ) -> TensorValue

    // MARK: Reductions, accumulated in double precision

    func sum(_ x: TensorValue) -> Double
    func sumOfSquares(_ x: TensorValue) -> Double
    func isFinite(_ x: TensorValue) -> Bool

    // MARK: Updates of flat parameters, in place

    /// One AdamW step on `range` of flat vectors.
    func adamW(
        _ parameters: inout TensorValue,
        moment1: inout TensorValue,
        moment2: inout TensorValue,
        gradient: TensorValue,
        range: Range<Int>,
        step: AdamWStep
    )
    /// `average += weight · (value − average)`, without fused multiply-add: equal bits on every CPU.
    func updateAverage(_ average: inout TensorValue, with value: TensorValue, weight: Float)
}

extension Backend {
    package func add(_ value: TensorValue, _ range: Range<Int>, to sum: UnsafeMutableBufferPointer<Float>) {
        withFloats(of: value) { values in
            for (index, element) in zip(sum.indices, range) { sum[index] += values[element] }
        }
    }
}
