import Checkpoints
import Objectives
import Tensors
import Testing

@Suite("Rounded targets")
struct RoundedTargetTests {
    /// Unit vectors: the first numbers small enough to be subnormal in fp16.
    private func unit(_ size: Int, seed: UInt64) -> [Float] {
        let noise = RandomGenerator(run: seed, epoch: 0, sample: 0, view: 0)
        let values = (0..<size).map { noise.normal(at: $0) * ($0 < 8 ? 1e-4 : 1) }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { Float($0 / length) }
    }

    private func distance(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }.squareRoot()
    }

    @Test("rounding moves a unit vector by no more than is said", arguments: [32, 512, 768, 1024], 1...5)
    func bound(size: Int, seed: UInt64) throws {
        let values = unit(size, seed: seed)
        let rounded = try #require(RoundedTarget(rounding: values)).floats
        for (value, found) in zip(values, rounded) {
            #expect(abs(value - found) <= max(abs(value) * 0x1p-11, 0x1p-25))
        }
        let limit = 0x1p-11 + Double(size).squareRoot() * 0x1p-25
        #expect(distance(values, rounded) <= limit)

        let backend = CPUBackend(threadCount: 1)
        let used = Tensor(rounded, [1, size], on: backend).l2Normalized(epsilon: 1e-12).floats
        #expect(distance(values, used) <= limit * (1 + 0x1p-10))
        // What is left of the error lies across the vector: its own cosine moves by the square of it.
        let cosine = zip(values, used).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(1 - cosine) < 1e-6)
    }

    @Test("a rounded target is stored and read without change, in little-endian order")
    func bytes() throws {
        let target = try #require(RoundedTarget(rounding: [0.6, -0.8]))
        #expect(target.bytes == [0xCD, 0x38, 0x66, 0xBA])
        #expect(RoundedTarget(bytes: target.bytes, size: 2) == target)
        #expect(RoundedTarget(rounding: target.floats) == target)
    }

    @Test(
        "what is no unit vector is no target, whoever wrote it",
        arguments: [
            [Float.nan, 1], [Float.infinity, 0], [-Float.infinity, Float.nan], [0, 0], [2, 0], [Float(7e4), 0],
        ]
    )
    func noTarget(values: [Float]) {
        #expect(RoundedTarget(rounding: values) == nil)
        let bytes = values.flatMap { [UInt8($0.float16Bits & 0xFF), UInt8($0.float16Bits >> 8)] }
        #expect(RoundedTarget(bytes: bytes, size: 2) == nil)
    }

    @Test("several vectors behind each other are a target if each of them has length one")
    func rows() throws {
        let values: [Float] = [0.6, -0.8, 1, 0, 0, 1]
        let target = try #require(RoundedTarget(rounding: values, rows: 3))
        #expect(RoundedTarget(bytes: target.bytes, size: 6, rows: 3) == target)
        #expect(RoundedTarget(rounding: values) == nil)
        #expect(RoundedTarget(rounding: [0.6, -0.8, 1, 1, 0, 0], rows: 3) == nil)
        #expect(RoundedTarget(bytes: target.bytes, size: 6, rows: 4) == nil)
    }

    @Test("bytes of another length are refused")
    func lengths() {
        #expect(RoundedTarget(bytes: [0, 0x3C], size: 1) != nil)
        #expect(RoundedTarget(bytes: [0, 0x3C], size: 2) == nil)
        #expect(RoundedTarget(bytes: [0, 0x3C, 0], size: 1) == nil)
        #expect(RoundedTarget(bytes: [], size: 0) == nil)
    }
}
