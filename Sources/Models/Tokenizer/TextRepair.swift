/// Repairs text as ftfy 6.3's `fix_text` does, which CLIP's tokenizer applies first.
///
/// Done: whole character references; C1 controls, ligatures, wide and narrow forms, quotes; line breaks; terminal
/// escapes; control characters; NFC; all of these again until nothing changes, line by line.
/// Not done: mojibake, that is, text that was decoded with the wrong encoding ("schÃ¶n" stays as it is). ftfy guesses at
/// it by heuristics over nine encodings; captions that need it get other tokens here than in the reference.
enum TextRepair {
    static func repaired(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard text.contains(where: needsLook) else { return text }
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        var (start, decodesReferences) = (0, true)
        while start < text.count {
            let end = text[start...].firstIndex(of: "\n").map { $0 + 1 } ?? text.count
            let line = text[start..<end]
            // Where there is markup, references may be meant as they stand, in this line and those below.
            if line.contains("<") { decodesReferences = false }
            if line.contains(where: needsLook) {
                result += repaired(line: Array(line), decodesReferences: decodesReferences)
            } else {
                result += line
            }
            start = end
        }
        return result
    }

    /// Whether anything of the repair could concern the character.
    private static func needsLook(_ character: Unicode.Scalar) -> Bool {
        switch character.value {
        case 0x9, 0xA, 0xC, 0x20...0x25, 0x27...0x7E: false
        default: true
        }
    }

    private static func repaired(line: [Unicode.Scalar], decodesReferences: Bool) -> [Unicode.Scalar] {
        var line = line
        while true {
            let before = line
            if decodesReferences { line = CharacterReferences.decodedWhole(line) }
            line = withCommonForms(line)
            line = composed(withoutControls(withoutTerminalEscapes(line)))
            if line == before { return line }
        }
    }

    /// Common forms of characters, and a newline for every other kind of line break.
    private static func withCommonForms(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        for (index, character) in text.enumerated() {
            switch character.value {
            case 0xD where index + 1 < text.count && text[index + 1] == "\n": break
            case 0xD, 0x2028, 0x2029: result.append("\n")
            default: CharacterForms.append(character, to: &result)
            }
        }
        return result
    }

    /// Without sequences such as `ESC [ 1;31 m`.
    private static func withoutTerminalEscapes(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard text.contains("\u{1B}") else { return text }
        var (result, index): ([Unicode.Scalar], Int) = ([], 0)
        while index < text.count {
            if let end = terminalEscapeEnd(in: text, at: index) {
                index = end
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    private static func terminalEscapeEnd(in text: [Unicode.Scalar], at start: Int) -> Int? {
        guard text[start] == "\u{1B}", start + 1 < text.count, text[start + 1] == "[" else { return nil }
        var end = start + 2
        while end < text.count, text[end] == ";" || text[end].properties.generalCategory == .decimalNumber { end += 1 }
        guard end < text.count, text[end].isASCII, text[end].properties.isAlphabetic else { return nil }
        return end + 1
    }

    /// Without characters that show nothing: controls but white space, Arabic shaping, annotations, byte order marks.
    private static func withoutControls(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        func isControl(_ character: Unicode.Scalar) -> Bool {
            switch character.value {
            case 0x0...0x8, 0xB, 0xE...0x1F, 0x7F, 0x206A...0x206F, 0xFEFF, 0xFFF9...0xFFFC: true
            default: false
            }
        }
        return text.contains(where: isControl) ? text.filter { !isControl($0) } : text
    }

    /// NFC. Characters below U+0300 are composed already.
    ///
    /// By the standard library: Foundation's composition takes a character beyond U+FFFF for the one of its lower 16
    /// bits where a mark follows.
    private static func composed(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard text.contains(where: { $0.value >= 0x300 }) else { return text }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text)
        return Array(String(decoding: String(view)._nfcCodeUnits, as: UTF8.self).unicodeScalars)
    }
}
