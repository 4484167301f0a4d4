extension JSONScanner {
    /// A string that need not be legal: bytes that are no UTF-8, and halves of surrogate pairs, become U+FFFD.
    ///
    /// - Returns: nil for any other value, which is passed over.
    mutating func captionOrNil() throws(JSONError) -> Caption? {
        guard try peek() == .string else {
            try skip()
            return nil
        }
        return try caption()
    }

    /// One caption, or several in an array, whose elements of other kinds are passed over.
    mutating func captions() throws(JSONError) -> [Caption] {
        guard try peek() == .array else { return try captionOrNil().map { [$0] } ?? [] }
        var found: [Caption] = []
        try array { scanner throws(JSONError) in
            if let caption = try scanner.captionOrNil() { found.append(caption) }
        }
        return found
    }

    private mutating func caption() throws(JSONError) -> Caption {
        let raw = try rawString()
        guard raw.contains(UInt8(ascii: "\\")) else { return Caption(raw) }
        let isLegal = String(validating: raw, as: UTF8.self) != nil
        var text = String.UnicodeScalarView()
        var isRepaired = !isLegal
        var units: [UInt16] = []  // escapes in a row, as halves of a pair may be two of them
        func flush() {
            let decoded = String(decoding: units, as: UTF16.self)
            if String(validating: units, as: UTF16.self) == nil { isRepaired = true }
            text.append(contentsOf: decoded.unicodeScalars)
            units = []
        }
        var rest = Substring(String(decoding: raw, as: UTF8.self)).unicodeScalars
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                if !units.isEmpty { flush() }
                text.append(scalar)
                continue
            }
            guard let unit = Self.escaped(&rest) else { throw failure("an illegal string") }
            units.append(unit)
        }
        flush()
        return Caption(String(text), isRepaired: isRepaired)
    }

    /// What follows a backslash; nil where JSON has no such escape.
    private static func escaped(_ rest: inout Substring.UnicodeScalarView) -> UInt16? {
        switch rest.popFirst() {
        case "\"": return 0x22
        case "\\": return 0x5C
        case "/": return 0x2F
        case "b": return 0x08
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "u":
            let digits = rest.prefix(4)
            guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
            rest.removeFirst(4)
            return UInt16(String(digits), radix: 16)
        default: return nil
        }
    }
}
