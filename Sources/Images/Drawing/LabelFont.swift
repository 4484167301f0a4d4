/// The one font of labels and captions: printable ASCII with smooth edges, 15 pixels, proportional, built in.
enum LabelFont {
    struct Glyph {
        let width: Int
        /// `width · LabelFont.glyphHeight` coverages from 0 to 15, row-major.
        let coverage: ArraySlice<UInt8>
    }

    private static let coverages: [UInt8] = glyphPixels.withUTF8Buffer { digits in
        digits.map { $0 < UInt8(ascii: "a") ? $0 - UInt8(ascii: "0") : $0 - UInt8(ascii: "a") + 10 }
    }

    /// Where each glyph's coverages begin.
    private static let starts: [Int] = glyphWidths.reduce(into: [0]) { starts, width in
        starts.append(starts[starts.count - 1] + width * glyphHeight)
    }

    /// A question mark stands for what the font does not have.
    static func glyph(for character: Character) -> Glyph {
        let known = character.asciiValue.map { Int($0) - 32 } ?? -1
        let index = glyphWidths.indices.contains(known) ? known : 31
        return Glyph(width: glyphWidths[index], coverage: coverages[starts[index]..<starts[index + 1]])
    }

    /// In unscaled pixels.
    static func width(of text: String) -> Int {
        text.reduce(0) { $0 + glyph(for: $1).width }
    }
}
