/// Hand-made JPEG files that no honest program writes.
enum JPEGBytes {
    /// A grey progressive picture of which a bit for each 64 pixels is stored, and whose last scan, some bytes, is there
    /// `count` times.
    ///
    /// - Parameter side: a multiple of 64 pixels.
    static func repeatingScan(_ count: Int, side: Int) -> [UInt8] {
        let quantization = segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
        let sides = [UInt8(side >> 8), UInt8(side & 0xFF), UInt8(side >> 8), UInt8(side & 0xFF)]
        let frame = segment(0xC2, [8] + sides + [1, 1, 0x11, 0])
        // One code each, of one bit: no difference for DC; for AC a run of blocks without any coefficient.
        let tables = segment(0xC4, table(kind: 0x00, symbol: 0x00)) + segment(0xC4, table(kind: 0x10, symbol: 0xE0))
        let blockCount = side * side / 64
        let dc = segment(0xDA, [1, 1, 0, 0, 0, 0]) + [UInt8](repeating: 0, count: blockCount / 8)
        let runCount = (blockCount + 32_766) / 32_767
        let bits = (0..<runCount).flatMap { _ in [false] + [Bool](repeating: true, count: 14) }
        let ac = segment(0xDA, [1, 1, 0, 1, 63, 0]) + packed(bits)
        return [0xFF, 0xD8] + quantization + frame + tables + dc + (0..<count).flatMap { _ in ac } + [0xFF, 0xD9]
    }

    private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xFF, marker, UInt8((content.count + 2) >> 8), UInt8((content.count + 2) & 0xFF)] + content
    }

    private static func table(kind: UInt8, symbol: UInt8) -> [UInt8] {
        [kind, 1] + [UInt8](repeating: 0, count: 15) + [symbol]
    }

    /// Filled up with ones; a zero follows each 0xFF, so that it is no marker.
    private static func packed(_ bits: [Bool]) -> [UInt8] {
        stride(from: 0, to: bits.count, by: 8).flatMap { start -> [UInt8] in
            let byte = (start..<start + 8).reduce(UInt8(0)) { $0 << 1 | ($1 >= bits.count || bits[$1] ? 1 : 0) }
            return byte == 0xFF ? [0xFF, 0] : [byte]
        }
    }
}
