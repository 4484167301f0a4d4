import TestSupport

/// Damage to text of a known syntax: mostly such that it still is text of that syntax.
struct TextMutation: Sendable {
    /// What may stand in the place of any value.
    let values: [String]
    /// What a key, or the content of a string, may become.
    let words: [String]
    /// What may be put anywhere, such as deep nesting.
    let bombs: [String]

    private static let numbers = [
        "0", "-0", "1", "-1", "0.1", "1e3", "1e308", "-1e308", "1e999", "-1e300", "1e-400", "9007199254740993",
        "4294967296",
        "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
        "18446744073709551616", "1.0", "16777215", "16777216", "999.9", "3", "64",
    ]
    /// Numbers in one syntax and not in another.
    private static let dialects = [
        "NaN", "Infinity", "-Infinity", "00", "01", "1_000", "0x10", "0b11", "0o17", ".5", "5.", "1:30", ".inf",
        "-.inf",
        ".nan", "99999999999999:59:59:59", "1:1:1:1:1:1:1:1:1:1:1:1:1",
    ]

    /// JSON with words and values of its own beside those of any JSON.
    static func json(words: [String], values: [String] = []) -> TextMutation {
        TextMutation(
            values: numbers + dialects.prefix(4) + values + [
                "null", "true", "false", "\"\"", "[]", "{}", "\"é\"", "[[]]", "[1,2]", "{\"a\":1}",
                "\"\\ud83d\\ude00\"",
            ],
            words: words + ["", "a", "../x", "\\u0000", "\\ud800", "e\u{301}"],
            bombs: nests("[", "]") + nests("{\"a\":", "}") + [
                ",", ":", "\\", "\"", "\u{FEFF}", "\u{0}", "\"a\":1,", "\"a\":1,\"a\":2,", " ", "\n",
            ]
        )
    }

    /// YAML likewise.
    static func yaml(words: [String]) -> TextMutation {
        let bomb = (1..<24).reduce("a0: &a0 [x, x, x, x, x, x, x, x, x]\n") { text, level in
            text + "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1), *a\(level - 1), *a\(level - 1)]\n"
        }
        let tails = ["", "parameters: *a23\n", "name: *a23\n", "? *a23\n: 1\n", "? *a23\n: 1\n? *a22\n: 1\n"]
        return TextMutation(
            values: numbers + dialects + [
                "null", "~", "true", "yes", "off", "[]", "{}", "''", "\"\\x00\"", "!!int x", "!!binary aGk=", "!!str 1",
                "!!float .inf", "&a", "*a", "|", ">", "- - -", "2001-01-01", "*a23", "&b [*b]", "{a: *a23}",
            ],
            words: words + ["<<", "? a", "&a", "*a", "''", "\"\"", "e\u{301}"],
            bombs: nests("[", "]") + nests("{a: ", "}") + tails.map { bomb + $0 } + [
                String(repeating: "- ", count: 3000) + "x\n", String(repeating: "? ", count: 3000) + "x\n",
                "? " + String(repeating: "k", count: 60_000) + "\n: 1\n", "\t", "\r", "\u{FEFF}", "---\n", "...\n",
                "%YAML 9.9\n", "a: 1\na: 1\n", "#", "'", "\"", "extends: clipself-tiny\n", "extends: recipe\n",
                "extends: /dev/zero\n", "parameters: [{pattern: x}, {patern: y}]\n",
            ]
        )
    }

    private static func nests(_ open: String, _ close: String) -> [String] {
        [3, 40, 600, 20_000].flatMap { depth in
            let opened = String(repeating: open, count: depth)
            return [opened, opened + String(repeating: close, count: depth)]
        }
    }

    func apply(_ bytes: inout [UInt8], _ corpus: [[UInt8]], _ generator: inout SeededGenerator) {
        switch Int.random(in: 0..<24, using: &generator) {
        case 0: ByteMutation.apply(&bytes, corpus, &generator)
        case 1: moveLine(&bytes, &generator)
        case 2: removePunctuation(&bytes, &generator)
        case 3: insertBomb(&bytes, &generator)
        case 4..<8: copyToken(&bytes, &generator)
        default: replaceToken(&bytes, &generator)
        }
    }

    private func replaceToken(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let (range, isQuoted) = token(in: bytes, &generator)
        if isQuoted ? Bool.random(using: &generator) : Int.random(in: 0..<4, using: &generator) == 0 {
            bytes.replaceSubrange(range, with: Array((words.randomElement(using: &generator) ?? "").utf8))
        } else {
            let whole = isQuoted ? range.lowerBound - 1..<range.upperBound + 1 : range
            bytes.replaceSubrange(whole, with: Array((values.randomElement(using: &generator) ?? "0").utf8))
        }
    }

    /// A key or value takes another's place.
    private func copyToken(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let copy = Array(bytes[token(in: bytes, &generator).range])
        bytes.replaceSubrange(token(in: bytes, &generator).range, with: copy)
    }

    private func moveLine(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        let place = Int.random(in: 0..<lines.count, using: &generator)
        let line = lines[place]
        if Bool.random(using: &generator) { lines.remove(at: place) }
        if Bool.random(using: &generator) {
            lines.insert(line, at: Int.random(in: 0...lines.count, using: &generator))
        }
        bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    private func removePunctuation(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let marks = bytes.indices.filter { ",:[]{}\"'- \n".utf8.contains(bytes[$0]) }
        guard let place = marks.randomElement(using: &generator) else { return }
        bytes.remove(at: place)
    }

    /// In place of a value, or between any two characters; texts stay short enough for a hundred thousand rounds.
    private func insertBomb(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard bytes.count < 1 << 17, let bomb = bombs.randomElement(using: &generator) else { return }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: bytes.replaceSubrange(token(in: bytes, &generator).range, with: Array(bomb.utf8))
        case 1: bytes.append(contentsOf: Array("\n\(bomb)".utf8))
        default: bytes.insert(contentsOf: bomb.utf8, at: Int.random(in: 0...bytes.count, using: &generator))
        }
    }

    /// A run of letters, digits and signs at or behind a random place, and whether it is all between quotation marks.
    private func token(
        in bytes: [UInt8],
        _ generator: inout SeededGenerator
    ) -> (range: Range<Int>, isQuoted: Bool) {
        guard !bytes.isEmpty else { return (0..<0, false) }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        guard var start = bytes[place...].firstIndex(where: Self.isWord) else { return (place..<place, false) }
        var end = start
        while start > 0, Self.isWord(bytes[start - 1]) { start -= 1 }
        while end < bytes.count, Self.isWord(bytes[end]) { end += 1 }
        let quote = UInt8(ascii: "\"")
        let isQuoted = start > 0 && end < bytes.count && bytes[start - 1] == quote && bytes[end] == quote
        return (start..<end, isQuoted)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: true
        default: "_.-+/".utf8.contains(byte)
        }
    }
}
