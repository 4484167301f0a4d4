import CVocabulary

/// HTML's character references: `&amp;`, `&#233;`, `&#xE9;`.
///
/// - SeeAlso: the HTML standard, section 13.2.5.72; the numeric exceptions are those of Python's `html.unescape`.
enum CharacterReferences {
    /// Decodes as browsers do, references without their semicolon among them: `&ampquot;` is `&quot;`.
    ///
    /// What comes out is not looked at again.
    static func decoded(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard text.contains("&") else { return text }
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            guard text[index] == "&" else {
                result.append(text[index])
                index += 1
                continue
            }
            if let number = numeric(in: text, at: index + 1) {
                result += number.characters
                index = number.end
            } else if let end = nameEnd(in: text, at: index + 1) {
                result += named(text[index + 1..<end])
                index = end
            } else {
                result.append("&")
                index += 1
            }
        }
        return result
    }

    /// Decodes only what is beyond doubt: whole references that end in a semicolon, and some upper-case names.
    static func decodedWhole(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard text.contains("&") else { return text }
        var result: [Unicode.Scalar] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == "&", let end = wholeEnd(in: text, at: index + 1) {
                result += whole(text[index + 1..<end])
                index = end
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    // MARK: Whole references

    /// Past the semicolon of `#?[0-9A-Za-z]{1,24};`.
    private static func wholeEnd(in text: [Unicode.Scalar], at start: Int) -> Int? {
        let first = start < text.count && text[start] == "#" ? start + 1 : start
        var end = first
        while end < text.count, end - first < 24, isAlphanumeric(text[end]) { end += 1 }
        return end > first && end < text.count && text[end] == ";" ? end + 1 : nil
    }

    /// - Parameter reference: without its ampersand.
    private static func whole(_ reference: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        let literal = ["&"] + reference
        guard reference.first == "#" else {
            let name = key(reference)
            return names.standard[name] ?? names.repaired[name] ?? literal
        }
        let text = decoded(literal)
        return text.contains(";") ? literal : text
    }

    private static func isAlphanumeric(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "0"..."9", "A"..."Z", "a"..."z": true
        default: false
        }
    }

    // MARK: References as browsers read them

    /// The reference after `&`, if it is `#` and digits, or `#x` and hexadecimal ones; a semicolon may follow.
    private static func numeric(in text: [Unicode.Scalar], at start: Int) -> (characters: [Unicode.Scalar], end: Int)? {
        guard start < text.count, text[start] == "#" else { return nil }
        let isHexadecimal = start + 1 < text.count && (text[start + 1] == "x" || text[start + 1] == "X")
        let first = start + (isHexadecimal ? 2 : 1)
        let radix: UInt32 = isHexadecimal ? 16 : 10
        var (end, number) = (first, UInt32(0))
        while end < text.count, let digit = digit(text[end]), digit < radix {
            number = min(number * radix + digit, 0x110000)  // beyond Unicode, whatever follows
            end += 1
        }
        guard end > first else { return nil }
        if end < text.count, text[end] == ";" { end += 1 }
        return (character(numbered: number), end)
    }

    private static func digit(_ character: Unicode.Scalar) -> UInt32? {
        switch character {
        case "0"..."9": character.value - 0x30
        case "A"..."F": character.value - 0x41 + 10
        case "a"..."f": character.value - 0x61 + 10
        default: nil
        }
    }

    /// Controls become what Windows-1252 has there, other code points that are no characters become nothing.
    private static func character(numbered number: UInt32) -> [Unicode.Scalar] {
        switch number {
        case 0: return ["\u{FFFD}"]
        case 0x1...0x8, 0xB, 0xE...0x1F, 0x7F, 0xFDD0...0xFDEF: return []
        case 0x80...0x9F: return Unicode.Scalar(number).map { [CharacterForms.withoutC1($0)] } ?? []
        case let number where number <= 0x10FFFF && number & 0xFFFE == 0xFFFE: return []
        default: return [Unicode.Scalar(number) ?? "\u{FFFD}"]
        }
    }

    /// Past at most 32 characters that may belong to a name, and a semicolon.
    private static func nameEnd(in text: [Unicode.Scalar], at start: Int) -> Int? {
        var end = start
        while end < text.count, end - start < 32, !endsName(text[end]) { end += 1 }
        guard end > start else { return nil }
        return end < text.count && text[end] == ";" ? end + 1 : end
    }

    private static func endsName(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "\t", "\n", "\u{C}", " ", "<", "&", "#", ";": true
        default: false
        }
    }

    /// The longest name that the text begins with, decoded, and the rest of it.
    private static func named(_ text: ArraySlice<Unicode.Scalar>) -> [Unicode.Scalar] {
        // No name has other characters than ASCII, so beyond those no prefix can be one.
        var end = text.firstIndex { !$0.isASCII } ?? text.endIndex
        while end - text.startIndex > 1 || (end == text.endIndex && end > text.startIndex) {
            if let characters = names.standard[key(text[..<end])] { return characters + text[end...] }
            end -= 1
        }
        return ["&"] + text
    }

    private static func key(_ name: ArraySlice<Unicode.Scalar>) -> String {
        var key = String.UnicodeScalarView()
        key.append(contentsOf: name)
        return String(key)
    }

    // MARK: Names

    /// What names stand for, each with its semicolon, where it has one; some only the repair knows.
    private static let names: (standard: [String: [Unicode.Scalar]], repaired: [String: [Unicode.Scalar]]) = {
        var count = 0
        let start = vocabulary_html_entities(&count)
        var (standard, repaired): ([String: [Unicode.Scalar]], [String: [Unicode.Scalar]]) = ([:], [:])
        for line in UnsafeBufferPointer(start: start, count: count).split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
            let characters = words.dropFirst().compactMap { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }
            if words[0].hasPrefix("!") {
                repaired[String(words[0].dropFirst())] = characters
            } else {
                standard[words[0]] = characters
            }
        }
        return (standard, repaired)
    }()
}
