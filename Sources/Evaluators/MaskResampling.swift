import Foundation

/// Shrinks a 0/1 mask to the feature grid as `torch.nn.functional.interpolate(mode: "bicubic")` does, then asks which
/// cells came out above zero.
///
/// Antialiased, the kernel is as wide as a cell and has negative lobes (a = −0.5), which makes cells beside the object
/// positive and so dilates it; without antialias (a = −0.75) only four pixels a cell are read.
package enum MaskResampling {
    /// - Parameter mask: `height · width`, row by row, true inside the object.
    /// - Returns: `rows · columns` flags.
    package static func shrunken(
        _ mask: [Bool],
        width: Int,
        height: Int,
        rows: Int,
        columns: Int,
        antialias: Bool
    ) -> [Bool] {
        let across = weights(from: width, to: columns, antialias: antialias)
        let down = weights(from: height, to: rows, antialias: antialias)
        // [height, columns], then [rows, columns]
        var narrow = [Float](repeating: 0, count: height * columns)
        for y in 0..<height {
            for (x, taps) in across.enumerated() {
                narrow[y * columns + x] = taps.reduce(0) { $0 + (mask[y * width + $1.index] ? $1.weight : 0) }
            }
        }
        return (0..<rows * columns).map { cell in
            let (row, column) = (cell / columns, cell % columns)
            return down[row].reduce(0) { $0 + narrow[$1.index * columns + column] * $1.weight } > 0
        }
    }

    struct Tap {
        var index: Int
        var weight: Float
    }

    /// The taps of every output position.
    static func weights(from input: Int, to output: Int, antialias: Bool) -> [[Tap]] {
        let ratio = Double(input) / Double(output)
        return (0..<output).map { i in
            antialias ? filtered(i, ratio: ratio, input: input) : interpolated(i, ratio: ratio, input: input)
        }
    }

    private static func filtered(_ i: Int, ratio: Double, input: Int) -> [Tap] {
        let stretch = max(ratio, 1)
        let centre = (Double(i) + 0.5) * ratio
        let first = max(Int(centre - 2 * stretch + 0.5), 0)
        let last = min(Int(centre + 2 * stretch + 0.5), input)
        let raw = (first..<last).map { cubic((Double($0) - centre + 0.5) / stretch, a: -0.5) }
        let sum = raw.reduce(0, +)
        return zip(first..<last, raw).map { Tap(index: $0, weight: Float($1 / sum)) }
    }

    private static func interpolated(_ i: Int, ratio: Double, input: Int) -> [Tap] {
        let source = (Double(i) + 0.5) * ratio - 0.5
        let base = source.rounded(.down)
        return (-1...2).map { offset in
            let position = Int(base) + offset
            return Tap(
                index: min(max(position, 0), input - 1),
                weight: Float(cubic(source - base - Double(offset), a: -0.75))
            )
        }
    }

    /// Keys' cubic convolution kernel.
    /// - SeeAlso: Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing", equation 4.
    private static func cubic(_ distance: Double, a: Double) -> Double {
        let x = abs(distance)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }
}
