/// A caption as CLIP's tokenizer looks at it: repaired, unescaped twice, in single spaces, in lower case.
///
/// - SeeAlso: Radford et al. 2021, arXiv:2103.00020, released code, `simple_tokenizer.py`.
enum TextCleaning {
    static func cleaned(_ text: String) -> [Unicode.Scalar] {
        let repaired = TextRepair.repaired(Array(text.unicodeScalars))
        let unescaped = CharacterReferences.decoded(CharacterReferences.decoded(repaired))
        return lowercased(withSingleSpaces(unescaped))
    }

    /// White space becomes single spaces, none at either end.
    private static func withSingleSpaces(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        var isPending = false
        for character in text {
            if isSpace(character) {
                isPending = !result.isEmpty
            } else {
                if isPending { result.append(" ") }
                isPending = false
                result.append(character)
            }
        }
        return result
    }

    /// Python's `str.isspace`, which counts the four information separators in.
    private static func isSpace(_ character: Unicode.Scalar) -> Bool {
        switch character.value {
        case 0x9...0xD, 0x1C...0x20: true
        case ..<0x80: false
        default: character.properties.isWhitespace
        }
    }

    /// Unicode's full lower case, a capital sigma by its place (the standard, section 3.13).
    private static func lowercased(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        for (index, character) in text.enumerated() {
            switch character.value {
            case 0x41...0x5A: result.append(Unicode.Scalar(character.value + 0x20) ?? character)
            case ..<0x80: result.append(character)
            case 0x3A3: result.append(isFinalSigma(in: text, at: index) ? "\u{3C2}" : "\u{3C3}")
            default: result += character.properties.lowercaseMapping.unicodeScalars
            }
        }
        return result
    }

    /// Whether a cased letter stands before, and none after, marks and the like left aside.
    private static func isFinalSigma(in text: [Unicode.Scalar], at index: Int) -> Bool {
        func isPassed(_ character: Unicode.Scalar) -> Bool { character.properties.isCaseIgnorable }
        let before = text[..<index].last { !isPassed($0) }
        guard before?.properties.isCased == true else { return false }
        let after = text[(index + 1)...].first { !isPassed($0) }
        return after?.properties.isCased != true
    }
}
