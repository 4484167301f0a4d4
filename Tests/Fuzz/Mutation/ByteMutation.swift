import TestSupport

/// Damage that knows nothing of a format.
enum ByteMutation {
    /// Numbers at which arithmetic tends to break.
    static let numbers: [UInt64] = [
        0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000,
        0xFFFF_FFFF, 1 << 32, 1 << 40, UInt64(Int64.max), 1 << 63, .max,
    ]

    static func apply(_ bytes: inout [UInt8], _ corpus: [[UInt8]], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else {
            bytes = [UInt8.random(in: 0...255, using: &generator)]
            return
        }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, place + 1 << Int.random(in: 0..<9, using: &generator))
        switch Int.random(in: 0..<16, using: &generator) {
        case 0..<3: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 3..<5: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 5: bytes[place] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &generator) ?? 0
        case 6..<9: overwriteNumber(&bytes, at: place, &generator)
        case 9: bytes = Array(bytes.prefix(place))
        case 10: bytes.removeSubrange(place..<end)
        case 11: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 12: repeatBlock(&bytes, place..<end, &generator)
        case 13: for index in place..<end { bytes[index] = UInt8.random(in: 0...255, using: &generator) }
        case 14: bytes.append(contentsOf: bytes[place..<end])
        default: splice(&bytes, at: place, corpus, &generator)
        }
    }

    /// A field of one to eight bytes, in either order.
    private static func overwriteNumber(_ bytes: inout [UInt8], at place: Int, _ generator: inout SeededGenerator) {
        let width = [1, 2, 4, 8].randomElement(using: &generator) ?? 1
        let number = numbers.randomElement(using: &generator) ?? 0
        let isBig = Bool.random(using: &generator)
        for offset in 0..<width where place + offset < bytes.count {
            let shift = 8 * (isBig ? width - 1 - offset : offset)
            bytes[place + offset] = UInt8(truncatingIfNeeded: number >> UInt64(shift))
        }
    }

    /// Long inputs out of short ones, to meet what is slow.
    private static func repeatBlock(_ bytes: inout [UInt8], _ range: Range<Int>, _ generator: inout SeededGenerator) {
        let block = Array(bytes[range])
        let count = min(1 << Int.random(in: 0..<9, using: &generator), 16_384 / block.count)
        bytes.insert(contentsOf: (0..<max(1, count)).flatMap { _ in block }, at: range.lowerBound)
    }

    private static func splice(
        _ bytes: inout [UInt8],
        at place: Int,
        _ corpus: [[UInt8]],
        _ generator: inout SeededGenerator
    ) {
        guard let other = corpus.randomElement(using: &generator), !other.isEmpty else { return }
        bytes = Array(bytes.prefix(place)) + other.suffix(Int.random(in: 1...other.count, using: &generator))
    }
}
