import CVocabulary

/// CLIP's byte-pair merges: which two symbols become which.
///
/// Symbols are numbered as tokens: 256 bytes, the same at a word's end, then one a merge in the order of their ranks.
/// No two merges make the same symbol, so a symbol's number says its rank.
struct BytePairVocabulary: Sendable {
    static let byteCount = 256
    /// Symbols that are no merge's.
    static let plainCount = 2 * byteCount

    /// The symbol of each byte within a word.
    let symbolOfByte: [UInt16]
    /// The byte of each of the first 256 symbols.
    let byteOfSymbol: [UInt8]
    /// What each merge puts together.
    let parts: [(left: UInt16, right: UInt16)]
    /// Open addressing: a pair in each slot that is taken, `noPair` elsewhere.
    private let pairs: [UInt32]
    private let merged: [UInt16]

    private static let noPair = UInt32.max
    private static let slotBits: UInt32 = 17

    /// Read once, when it is first asked for.
    static let clip: BytePairVocabulary = {
        var count = 0
        let start = vocabulary_clip_merges(&count)
        return BytePairVocabulary(merges: UnsafeBufferPointer(start: start, count: count))
    }()

    /// Symbols without those for the start and the end of text.
    var symbolCount: Int { Self.plainCount + parts.count }

    /// The symbol that a pair becomes; nil where no merge has it.
    func merge(_ left: UInt16, _ right: UInt16) -> UInt16? {
        let pair = Self.key(left, right)
        var slot = Self.slot(of: pair)
        while pairs[slot] != pair {
            if pairs[slot] == Self.noPair { return nil }
            slot = (slot + 1) & (pairs.count - 1)
        }
        return merged[slot]
    }

    /// Appends the bytes that a symbol stands for; a space where it ends a word.
    func append(_ symbol: UInt16, to bytes: inout [UInt8]) {
        var pending = [symbol]
        while let next = pending.popLast() {
            let index = Int(next)
            if index >= Self.plainCount {
                pending.append(parts[index - Self.plainCount].right)
                pending.append(parts[index - Self.plainCount].left)
            } else {
                bytes.append(byteOfSymbol[index % Self.byteCount])
                if index >= Self.byteCount { bytes.append(UInt8(ascii: " ")) }
            }
        }
    }

    /// - Parameter merges: lines of two symbols, spelt in characters, a byte each, and `</w>` at a word's end.
    private init(merges: UnsafeBufferPointer<UInt8>) {
        byteOfSymbol = Self.bytesInOrder
        var symbols = [UInt16](repeating: 0, count: Self.byteCount)
        for (symbol, byte) in byteOfSymbol.enumerated() { symbols[Int(byte)] = UInt16(symbol) }
        symbolOfByte = symbols

        var spellings = Self.plainSpellings(byteOfSymbol)
        let slotCount = 1 << Int(Self.slotBits)
        var (parts, pairs): ([(UInt16, UInt16)], [UInt32]) = ([], [UInt32](repeating: Self.noPair, count: slotCount))
        var merged = [UInt16](repeating: 0, count: slotCount)
        for line in merges.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            let (first, second) = (Spelling(words[0]), Spelling(words[1]))
            guard let left = spellings[first], let right = spellings[second] else {
                preconditionFailure("merge \(parts.count) of the vocabulary puts symbols together that nothing made")
            }
            let symbol = UInt16(Self.plainCount + parts.count)
            var slot = Self.slot(of: Self.key(left, right))
            while pairs[slot] != Self.noPair { slot = (slot + 1) & (slotCount - 1) }
            (pairs[slot], merged[slot]) = (Self.key(left, right), symbol)
            let isNew = spellings.updateValue(symbol, forKey: first.followed(by: words[1])) == nil
            precondition(isNew, "merge \(parts.count) of the vocabulary makes a symbol that another makes too")
            parts.append((left, right))
        }
        (self.parts, self.pairs, self.merged) = (parts, pairs, merged)
    }

    private static func key(_ left: UInt16, _ right: UInt16) -> UInt32 { UInt32(left) << 16 | UInt32(right) }

    private static func slot(of pair: UInt32) -> Int { Int((pair &* 0x9E37_79B1) >> (32 - slotBits)) }

    /// Visible bytes first, in order, then the others.
    private static let bytesInOrder: [UInt8] = {
        let visible = Array(UInt8(33)...126) + Array(161...172) + Array(174...255)
        return visible + (UInt8.min...UInt8.max).filter { !visible.contains($0) }
    }()

    /// The spellings of the first 512 symbols: a byte's own character, or one from U+0100 on for bytes without.
    private static func plainSpellings(_ bytes: [UInt8]) -> [Spelling: UInt16] {
        var spellings: [Spelling: UInt16] = [:]
        spellings.reserveCapacity(1 << 16)
        let visibleCount = bytesInOrder.count - 68
        for (symbol, byte) in bytes.enumerated() {
            let value = symbol < visibleCount ? UInt32(byte) : UInt32(0x100 + symbol - visibleCount)
            let character = Unicode.Scalar(value).map { Array(String(Character($0)).utf8) } ?? []
            spellings[Spelling(character)] = UInt16(symbol)
            spellings[Spelling(character).followed(by: Array("</w>".utf8))] = UInt16(byteCount + symbol)
        }
        return spellings
    }
}

/// A symbol's spelling, by the FNV-1a hash of its UTF-8 bytes: 49,406 of them are told apart by 64 bits, which the
/// vocabulary verifies as it is read.
private struct Spelling: Hashable {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ bytes: some Sequence<UInt8>) { append(bytes) }

    func followed(by bytes: some Sequence<UInt8>) -> Spelling {
        var longer = self
        longer.append(bytes)
        return longer
    }

    private mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
}
