import Foundation

/// Walks JSON text once, front to back, without building a tree: annotation files of half a gigabyte stay a matter of seconds
/// and of the memory that is kept.
///
/// Stricter readers refuse a whole file for the `NaN` that Python writes into it; here such a number is read as what it is,
/// so that the caller can refuse the one annotation. Recursion is never deeper than the caller's own.
struct JSONScanner {
    enum Kind { case object, array, string, number, boolean, null }

    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var offset = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        // A byte order mark, as Windows editors leave it.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    }

    /// The kind of the next value; nothing is consumed but white space.
    mutating func peek() throws(JSONError) -> Kind {
        switch try next() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "N"), UInt8(ascii: "I"):
            return .number
        default: throw failure("no value begins here")
        }
    }

    /// Calls `member` with each name; it must consume the value.
    mutating func object(_ member: (inout JSONScanner, String) throws(JSONError) -> Void) throws(JSONError) {
        try expect(UInt8(ascii: "{"), "an object")
        if try take(UInt8(ascii: "}")) { return }
        repeat {
            let name = try string()
            try expect(UInt8(ascii: ":"), "a colon")
            try member(&self, name)
        } while try take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the end of the object")
    }

    /// Calls `element` before each; it must consume it.
    mutating func array(_ element: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        try expect(UInt8(ascii: "["), "an array")
        if try take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while try take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "a comma or the end of the array")
    }

    mutating func string() throws(JSONError) -> String {
        let range = try quoted()
        let raw = bytes[range]
        guard raw.contains(UInt8(ascii: "\\")) else {
            guard let text = String(validating: raw, as: UTF8.self) else { throw failure("not UTF-8") }
            return text
        }
        // Escapes are rare; Foundation knows their rules, surrogate pairs included.
        let document = Data(bytes[range.lowerBound - 1..<range.upperBound + 1])
        guard let text = try? JSONSerialization.jsonObject(with: document, options: .fragmentsAllowed) as? String else {
            throw failure("an illegal string")
        }
        return text
    }

    /// The bytes between the quotation marks of a string, escapes and all.
    mutating func rawString() throws(JSONError) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[try quoted()])
    }

    /// The number's own text, `NaN` and `Infinity` included.
    mutating func number() throws(JSONError) -> Substring {
        _ = try next()
        let start = offset
        while offset < bytes.count, Self.isNumeric(bytes[offset]) { offset += 1 }
        guard offset > start else { throw failure("a number was expected") }
        return Substring(decoding: bytes[start..<offset], as: UTF8.self)
    }

    mutating func boolean() throws(JSONError) -> Bool {
        let isTrue = try next() == UInt8(ascii: "t")
        try word(isTrue ? "true" : "false")
        return isTrue
    }

    /// Passes over one value of any kind and depth; brackets are counted, not recursed into.
    mutating func skip() throws(JSONError) {
        var depth = 0
        repeat {
            switch try next() {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                offset += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { throw failure("a value was expected") }
                offset += 1
            case UInt8(ascii: "\""): _ = try quoted()
            case UInt8(ascii: "t"): try word("true")
            case UInt8(ascii: "f"): try word("false")
            case UInt8(ascii: "n"): try word("null")
            default: _ = try number()
            }
            if depth < 0 { throw failure("a bracket too many") }
        } while depth > 0
    }

    /// Nothing but white space may follow.
    mutating func end() throws(JSONError) {
        skipSpace()
        if offset < bytes.count { throw failure("text after the end of the document") }
    }

    func failure(_ cause: String) -> JSONError {
        JSONError(offset: offset, cause: offset >= bytes.count ? "the file ends too early" : cause)
    }

    private mutating func skipSpace() {
        while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
    }

    private mutating func next() throws(JSONError) -> UInt8 {
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte > 0x20 || (byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09) { return byte }
            offset += 1
        }
        throw failure("")
    }

    private mutating func take(_ byte: UInt8) throws(JSONError) -> Bool {
        guard try next() == byte else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
        guard try take(byte) else { throw failure("\(what) was expected") }
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard offset < bytes.count, bytes[offset] == word.utf8Start[index] else {
                throw failure("`\(word)` was expected")
            }
            offset += 1
        }
    }

    /// Between the quotation marks.
    private mutating func quoted() throws(JSONError) -> Range<Int> {
        try expect(UInt8(ascii: "\""), "a string")
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return start..<offset - 1
            case UInt8(ascii: "\\"): offset += 2
            default: offset += 1
            }
        }
        throw failure("")
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
