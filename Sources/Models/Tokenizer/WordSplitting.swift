/// Cuts cleaned text into the words that are encoded one by one: contractions, runs of letters, single digits, runs of
/// anything else.
enum WordSplitting {
    private enum Kind {
        case letter, number, space, other
    }

    /// Calls `body` with each word's place, in order.
    static func forEachWord(in text: [Unicode.Scalar], _ body: (Range<Int>) -> Void) {
        var start = 0
        while start < text.count {
            let kind = kind(of: text[start])
            var end = start + 1
            switch kind {
            case .space: break
            case .number: body(start..<end)
            case .letter, .other:
                if let contraction = contractionEnd(in: text, at: start) {
                    end = contraction
                } else {
                    while end < text.count, Self.kind(of: text[end]) == kind { end += 1 }
                }
                body(start..<end)
            }
            start = end
        }
    }

    /// Past `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d`; a long s is an s.
    private static func contractionEnd(in text: [Unicode.Scalar], at start: Int) -> Int? {
        guard text[start] == "'", start + 1 < text.count else { return nil }
        switch text[start + 1] {
        case "s", "\u{17F}", "t", "m", "d": return start + 2
        case "r", "v": return start + 2 < text.count && text[start + 2] == "e" ? start + 3 : nil
        case "l": return start + 2 < text.count && text[start + 2] == "l" ? start + 3 : nil
        default: return nil
        }
    }

    private static func kind(of character: Unicode.Scalar) -> Kind {
        switch character.value {
        case 0x61...0x7A, 0x41...0x5A: return .letter
        case 0x30...0x39: return .number
        case 0x20: return .space
        case ..<0x80: return .other
        // The reference's ignoring of case makes this mark a letter and no letter at once, so that no word has it.
        case 0x345: return .space
        default: break
        }
        switch character.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return character.properties.isWhitespace ? .space : .other
        }
    }
}
