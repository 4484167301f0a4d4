/// The weights of one axis of a resize, as whole numbers, so that every machine gives the same bytes.
///
/// Pillow 10's arithmetic: Keys' cubic with a = −0.5, or a triangle, widened by the ratio when shrinking (antialias), weights in
/// Float64 normalised to 1 and rounded to multiples of 2⁻²². Not the kernel of position embeddings, which has a = −0.75 and no
/// antialias.
///
/// - SeeAlso: Keys 1981, "Cubic convolution interpolation for digital image processing".
struct Resampling {
    /// One output pixel: input pixels from `first`, `taps` of them, weighed by `weights[start...]`.
    struct Window {
        let first: Int
        let taps: Int
        let start: Int
    }

    static let fractionBits: Int32 = 22

    private(set) var windows: [Window] = []
    private(set) var weights: [Int32] = []

    /// - Parameter outputs: the output pixels that are wanted; nil for all. Each weighs as it does among all.
    /// - Precondition: both counts positive.
    init(
        from inputCount: Int,
        to outputCount: Int,
        only outputs: Range<Int>? = nil,
        by filter: ResamplingFilter = .bicubic
    ) {
        precondition(inputCount > 0 && outputCount > 0, "sides are at least 1")
        let outputs = outputs ?? 0..<outputCount
        let ratio = Double(inputCount) / Double(outputCount)
        let spread = max(ratio, 1)
        let support = filter.reach * spread
        // Pillow multiplies by the reciprocal; a division would round a few weights the other way.
        let squeeze = 1 / spread
        windows.reserveCapacity(outputs.count)
        for output in outputs {
            let center = (Double(output) + 0.5) * ratio
            let first = max(Int(center - support + 0.5), 0)
            let end = min(Int(center + support + 0.5), inputCount)
            let raw = (first..<end).map { filter.weight((Double($0) - center + 0.5) * squeeze) }
            let total = raw.reduce(0, +)
            windows.append(Window(first: first, taps: raw.count, start: weights.count))
            weights.append(contentsOf: raw.map { Self.fixed(total == 0 ? $0 : $0 / total) })
        }
    }

    /// Half away from zero.
    private static func fixed(_ weight: Double) -> Int32 {
        let scaled = weight * Double(1 << fractionBits)
        return Int32(weight < 0 ? scaled - 0.5 : scaled + 0.5)
    }
}
