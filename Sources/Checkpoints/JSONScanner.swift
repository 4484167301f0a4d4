/// A pull parser for the small, strict JSON of checkpoint headers: it holds one position and builds no tree.
///
/// Foundation's parsers drop duplicate keys and round large integers, both of which must be errors here, and their memory
/// grows with whatever a damaged header contains. Input is checked to be UTF-8 before it comes here.
struct JSONScanner {
    private let bytes: [UInt8]
    private(set) var position = 0
    /// Deep nesting would overflow the stack; no checkpoint needs more than four levels.
    private static let maximumDepth = 32

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads `{ "key": value, … }`; `body` must consume each value. Duplicate keys are an error.
    mutating func object(
        _ body: (inout JSONScanner, String) throws(SafetensorsDefect) -> Void
    ) throws(SafetensorsDefect) {
        var seen: Set<String> = []
        try expect("{", "an object")
        if skip("}") { return }
        repeat {
            let key = try string()
            guard seen.insert(key).inserted else { throw .duplicateKey(key) }
            try expect(":", "a colon")
            try body(&self, key)
        } while skip(",")
        try expect("}", "a comma or the end of an object")
    }

    /// Reads `[ value, … ]`; `body` must consume each value.
    mutating func array(_ body: (inout JSONScanner) throws(SafetensorsDefect) -> Void) throws(SafetensorsDefect) {
        try expect("[", "an array")
        if skip("]") { return }
        repeat { try body(&self) } while skip(",")
        try expect("]", "a comma or the end of an array")
    }

    /// Reads a whole number in 0 … 2^63 − 1; signs, fractions and exponents are errors of their own.
    mutating func unsignedInteger() throws(SafetensorsDefect) -> Int {
        let isNegative = skip("-")
        let start = position
        var value = 0
        var overflows = false
        while let digit = peek, (0x30...0x39).contains(digit) {
            let (product, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.addingReportingOverflow(Int(digit - 0x30))
            overflows = overflows || first || second
            value = sum
            position += 1
        }
        guard position > start else { throw .headerNotJSON(offset: position, expected: "a number") }
        guard bytes[start] != 0x30 || position == start + 1 else { throw .notAnInteger }
        if let next = peek, next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") { throw .notAnInteger }
        guard !isNegative else { throw .negativeNumber }
        guard !overflows else { throw .integerOverflow }
        return value
    }

    /// Passes over any value; for fields of an index that do not concern us.
    mutating func skipValue(depth: Int = 0) throws(SafetensorsDefect) {
        guard depth < Self.maximumDepth else { throw .headerNotJSON(offset: position, expected: "less nesting") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"):
            try object { (scanner, _) throws(SafetensorsDefect) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            try array { (scanner) throws(SafetensorsDefect) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""):
            _ = try string()
        default:
            let start = position
            while let byte = peek, Self.isScalar(byte) { position += 1 }
            guard position > start else { throw .headerNotJSON(offset: position, expected: "a value") }
        }
    }

    /// Throws unless only padding follows.
    mutating func end() throws(SafetensorsDefect) {
        skipSpace()
        guard position == bytes.count else { throw .headerTrailingCharacters(offset: position) }
    }
}

extension JSONScanner {
    mutating func string() throws(SafetensorsDefect) -> String {
        try expect("\"", "a string")
        var content: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"): content.append(contentsOf: String(try escaped()).utf8)
            case 0..<0x20: throw .headerNotJSON(offset: position - 1, expected: "no control character")
            default: content.append(byte)
            }
        }
        throw .headerNotJSON(offset: position, expected: "the end of a string")
    }

    private mutating func escaped() throws(SafetensorsDefect) -> Unicode.Scalar {
        let escape = peek
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(escape ?? 0)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if (0xD800..<0xDC00).contains(code), skipExactly("\\"), skipExactly("u") {
                let low = try codeUnit()
                guard (0xDC00..<0xE000).contains(low) else { break }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            if let scalar = Unicode.Scalar(code) { return scalar }
        default: break
        }
        throw .headerNotJSON(offset: position, expected: "a valid escape")
    }

    private mutating func codeUnit() throws(SafetensorsDefect) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw .headerNotJSON(offset: position, expected: "four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func skipExactly(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return skipExactly(character)
    }

    private mutating func expect(_ character: Unicode.Scalar, _ meaning: String) throws(SafetensorsDefect) {
        guard skip(character) else { throw .headerNotJSON(offset: position, expected: meaning) }
    }

    /// Letters, digits and signs of numbers, `true`, `false` and `null`.
    private static func isScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
