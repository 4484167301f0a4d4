/// Two numbers between which something is drawn; `[low, high]` in recipes.
package struct SettingRange: Hashable, Sendable {
    package var low: Double
    package var high: Double

    package init(_ low: Double, _ high: Double) {
        self.low = low
        self.high = high
    }

    /// What a draw from [0, 1) comes to.
    package func value(at draw: Double) -> Double {
        low + (high - low) * draw
    }

    /// Whether it is a range at all and lies in a wider one; never if a number is NaN.
    package func lies(in bounds: ClosedRange<Double>) -> Bool {
        bounds.lowerBound <= low && low <= high && high <= bounds.upperBound
    }
}

extension SettingRange: CustomStringConvertible {
    package var description: String { "[\(low), \(high)]" }
}

extension SettingRange: Codable {
    package init(from decoder: any Decoder) throws {
        let numbers = try [Double](from: decoder)
        guard numbers.count == 2 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "it has \(numbers.count) numbers where a range has two, [low, high]."
                )
            )
        }
        self.init(numbers[0], numbers[1])
    }

    package func encode(to encoder: any Encoder) throws {
        try [low, high].encode(to: encoder)
    }
}
