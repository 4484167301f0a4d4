import TestSupport
import Testing
import Transfers

@Suite("Float chunks")
struct FloatChunkTests {
    @Test("any bit pattern comes back, a NaN's payload too", arguments: [0, 1, 2, 1001])
    func roundTrip(count: Int) {
        let seed = UInt64(count)
        let values = [Float].anyBits(count: count, seed: seed)
        var decoded = [Float](repeating: 0, count: count)
        let bytes = FloatChunk.bytes(of: values, in: values.indices)
        #expect(bytes.count == 4 * count)
        #expect(decoded.withUnsafeMutableBufferPointer { FloatChunk.decode(bytes, into: $0) })
        #expect(decoded.map(\.bitPattern) == values.map(\.bitPattern), "seed \(seed)")
    }

    @Test("numbers are little-endian, and a range takes only its own")
    func format() {
        #expect(FloatChunk.bytes(of: [9, 1, -2, 9], in: 1..<3) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    }

    @Test("bytes of another length are refused and change nothing", arguments: [0, 7, 9, 12])
    func otherLength(byteCount: Int) {
        var target: [Float] = [1, 2]
        let bytes = [UInt8](repeating: 0, count: byteCount)
        #expect(target.withUnsafeMutableBufferPointer { FloatChunk.decode(bytes, into: $0) } == false)
        #expect(target == [1, 2])
    }
}
