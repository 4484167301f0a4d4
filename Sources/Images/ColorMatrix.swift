import Foundation

/// A mild change of all colours of a picture: a linear map of red, green and blue, in whole numbers so that every machine
/// computes the same.
package struct ColorMatrix: Sendable, Hashable {
    /// Rows of the map, in units of 1/4096.
    let rows: [Int32]

    static let unit: Int32 = 4096

    package static let none = ColorMatrix(hueTurns: 0, saturation: 1, brightness: 1)

    /// - Parameters:
    ///   - hueTurns: around the colour circle; 0 leaves hues alone.
    ///   - saturation: 0 is grey, 1 leaves it alone.
    ///   - brightness: a factor.
    /// - SeeAlso: W3C Filter Effects Module Level 1, `feColorMatrix`, types `hueRotate` and `saturate`.
    package init(hueTurns: Double, saturation: Double, brightness: Double) {
        let (cosine, sine) = (cos(2 * .pi * hueTurns), sin(2 * .pi * hueTurns))
        let luma = [0.213, 0.715, 0.072]
        let turn = [
            [-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072],
        ]
        func hue(_ row: Int, _ column: Int) -> Double {
            luma[column] + cosine * ((row == column ? 1 : 0) - luma[column]) + sine * turn[row][column]
        }
        func saturate(_ row: Int, _ column: Int) -> Double {
            luma[column] + saturation * ((row == column ? 1 : 0) - luma[column])
        }
        rows = (0..<9).map { place in
            let (row, column) = (place / 3, place % 3)
            let sum = (0..<3).reduce(0.0) { $0 + saturate(row, $1) * hue($1, column) }
            return Int32((max(-7, min(7, sum * brightness)) * Double(Self.unit)).rounded())
        }
    }

    /// Of colours multiplied by alpha, which they stay.
    func applied(_ red: Int32, _ green: Int32, _ blue: Int32, alpha: Int32) -> (UInt8, UInt8, UInt8) {
        func channel(_ row: Int) -> UInt8 {
            let sum = rows[row] * red + rows[row + 1] * green + rows[row + 2] * blue + Self.unit / 2
            return UInt8(max(0, min(alpha, sum >> 12)))
        }
        return (channel(0), channel(3), channel(6))
    }
}
