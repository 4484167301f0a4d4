import TestSupport

/// Damage to a PNG's chunks. Checksums are made right again, so that it gets past the first line of defence.
enum PNGMutation {
    private struct Chunk {
        var kind: [UInt8]
        var data: [UInt8]
    }

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let kinds = [
        "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "sBIT", "bKGD", "hIST", "pHYs", "tIME",
        "eXIf", "tEXt", "zTXt", "iTXt", "sPLT", "oFFs", "pCAL", "sCAL", "acTL", "fcTL", "fdAT", "cICP", "xxXx", "XXXX",
    ]

    static func apply(_ bytes: inout [UInt8], _ corpus: [[UInt8]], _ generator: inout SeededGenerator) {
        var chunks = parse(bytes)
        if chunks.isEmpty || Int.random(in: 0..<8, using: &generator) == 0 {
            return ByteMutation.apply(&bytes, corpus, &generator)
        }
        let place = Int.random(in: 0..<chunks.count, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<4: ByteMutation.apply(&chunks[place].data, corpus, &generator)
        case 4..<6: damageHeader(&chunks[0].data, &generator)
        case 6: chunks.insert(chunks[place], at: Int.random(in: 0...chunks.count, using: &generator))
        case 7: chunks.remove(at: place)
        case 8: chunks.swapAt(place, Int.random(in: 0..<chunks.count, using: &generator))
        default: chunks[place].kind = Array((kinds.randomElement(using: &generator) ?? "IDAT").utf8)
        }
        bytes = signature + chunks.flatMap(encode)
    }

    /// Width, height, depth, colour type, compression, filter, interlacing.
    private static func damageHeader(_ data: inout [UInt8], _ generator: inout SeededGenerator) {
        guard data.count >= 13 else { return data.append(0) }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            let sides: [UInt32] = [0, 1, 3, 64, 4096, 8192, 32_768, 32_769, 0x7FFF_FFFF, 0xFFFF_FFFF]
            let start = Bool.random(using: &generator) ? 0 : 4
            data.replaceSubrange(start..<start + 4, with: bigEndian(sides.randomElement(using: &generator) ?? 0))
        case 1: data[8] = [0, 1, 2, 3, 4, 8, 16, 32].randomElement(using: &generator) ?? 8
        case 2: data[9] = UInt8.random(in: 0...7, using: &generator)
        default: data[12] = UInt8.random(in: 0...2, using: &generator)
        }
    }

    private static func parse(_ bytes: [UInt8]) -> [Chunk] {
        var chunks: [Chunk] = []
        var place = 8
        while place + 12 <= bytes.count {
            let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
            let end = min(place + 8 + length, bytes.count - 4)
            chunks.append(Chunk(kind: Array(bytes[place + 4..<place + 8]), data: Array(bytes[place + 8..<end])))
            place = end + 4
        }
        return chunks
    }

    private static func encode(_ chunk: Chunk) -> [UInt8] {
        let body = chunk.kind + chunk.data
        return bigEndian(UInt32(chunk.data.count)) + body + bigEndian(checksum(body))
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    /// CRC-32 as in PNG.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }

    private static let table: [UInt32] = (UInt32(0)..<256).map { byte in
        (0..<8).reduce(byte) { (value: UInt32, _: Int) -> UInt32 in
            let half = value >> 1
            return value & 1 == 1 ? half ^ 0xEDB8_8320 : half
        }
    }
}
