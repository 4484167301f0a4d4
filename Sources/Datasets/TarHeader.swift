/// One header block of a tar archive: old, ustar and GNU formats.
///
/// - SeeAlso: POSIX.1-2017, pax, "ustar Interchange Format", and GNU tar, "Basic Tar Format".
struct TarHeader: Hashable {
    enum Kind: Hashable {
        case file
        /// Its data are the name of the next member (GNU).
        case longName
        /// Its data are records about the next member (pax).
        case records
        /// Folders, links, devices, and what else has no bytes of a picture.
        case other
    }

    static let byteCount = 512

    let kind: Kind
    /// Nil when it is not UTF-8.
    let name: String?
    let size: Int64
    let isUSTAR: Bool

    /// - Returns: nil when the checksum or a number is wrong.
    init?(_ block: ArraySlice<UInt8>) {
        guard block.count == Self.byteCount else { return nil }
        func field(_ range: Range<Int>) -> ArraySlice<UInt8> {
            block[block.startIndex + range.lowerBound..<block.startIndex + range.upperBound]
        }
        guard let checksum = Self.number(field(148..<156)), let size = Self.number(field(124..<136)) else { return nil }
        let spaces = Int64(8 * 0x20)
        let around = [field(0..<148), field(156..<512)]
        let unsigned = around.joined().reduce(spaces) { $0 + Int64($1) }
        // Some old programs summed signed characters.
        let signed = around.joined().reduce(spaces) { $0 + Int64(Int8(bitPattern: $1)) }
        guard checksum == unsigned || checksum == signed else { return nil }
        self.size = size
        isUSTAR = field(257..<262).elementsEqual("ustar".utf8)
        // GNU has "ustar" and two spaces, and other things in the place of the prefix.
        let hasPrefix = isUSTAR && field(262..<263).elementsEqual([0])
        let prefix = hasPrefix ? Self.text(field(345..<500)) : []
        let ending = Self.text(field(0..<100))
        let bytes = prefix.isEmpty ? ending : prefix + [UInt8(ascii: "/")] + ending
        name = String(validating: bytes, as: UTF8.self)
        switch field(156..<157).first {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): kind = .file
        case UInt8(ascii: "L"): kind = .longName
        case UInt8(ascii: "x"): kind = .records
        default: kind = .other
        }
    }

    /// Up to the first zero byte.
    static func text(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(bytes.prefix { $0 != 0 })
    }

    /// Octal digits between spaces and zeros, or, behind a first byte of 0x80, a number of eight bits a byte.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        if let first = bytes.first, first & 0x80 != 0 {
            let value = bytes.dropFirst()
            guard first == 0x80, value.dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            return Int64(exactly: value.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        }
        let digits = bytes.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != 0 }
        guard digits.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return digits.reduce(Int64(0)) { $0 << 3 | Int64($1 - 0x30) }
    }
}
