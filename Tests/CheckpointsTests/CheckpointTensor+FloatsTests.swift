import Checkpoints
import OrderedCollections
import TestSupport
import Testing

struct CheckpointTensorFloatsTests {
    private let fixture = TestFile.path("CheckpointsTests/Fixtures/dtypes.safetensors")

    private static let stored: [(String, [Float])] = [
        ("f32", [1.5, -0.0, -.infinity, 0x1p-149, .greatestFiniteMagnitude, 0.1]),
        ("f16", [1.5, 65504, 0x1p-24, .infinity]),
        ("bf16", [1.5, 0x1.FEp+127, 0x1p-133, -.infinity]),
        ("i32", [-0x1p31, 7]),
        ("i16", [-32768, 32767]),
        ("i8", [-128, 127, 0]),
        ("u8", [0, 255, 7]),
        ("bool", [1, 0, 1]),
        ("scalar", [4.6052]),
        ("empty", []),
    ]

    @Test("elements of every type come out as torch stored them", arguments: stored)
    func everyType(name: String, values: [Float]) throws {
        let checkpoint = try SafetensorsFile.read(fixture)
        #expect(try checkpoint.floats(named: name).map(\.bitPattern) == values.map(\.bitPattern))
        #expect(try checkpoint.tensor(named: name).doubles == values.map { Double($0) })
    }

    // 2⁶² and −1 are exact in fp32, 2²⁴ + 1 is not.
    @Test(
        "a value that fp32 cannot hold is an error that names tensor, type and value",
        arguments: [("f64", CheckpointTensor.DType.float64, "0.1"), ("i64", .int64, "16777217")]
    )
    func notExact(name: String, dtype: CheckpointTensor.DType, value: String) throws {
        let checkpoint = try SafetensorsFile.read(fixture)
        let error = CheckpointError.inTensor(name, .notExact(dtype: dtype, value: value))
        #expect(throws: error) { try checkpoint.floats(named: name) }
    }

    @Test("fp64 and integers that fp32 can hold are converted, NaN included")
    func exactWide() throws {
        let doubles = [0.5, -0.0, Double.infinity, Double.nan].flatMap {
            withUnsafeBytes(of: $0.bitPattern, Array.init)
        }
        let floats = try CheckpointTensor(dtype: .float64, shape: [4], bytes: doubles).floats()
        #expect(floats[0] == 0.5 && floats[1].sign == .minus && floats[2] == .infinity && floats[3].isNaN)
    }

    @Test("16-bit casts equal torch's in every bit", arguments: [CheckpointTensor.DType.float16, .bfloat16])
    func castsEqualTorch(dtype: CheckpointTensor.DType) throws {
        let checkpoint = try SafetensorsFile.read(fixture)
        let source = try checkpoint.floats(named: "rounding.source")
        let expected = try checkpoint.tensor(named: dtype == .float16 ? "rounding.float16" : "rounding.bfloat16")
        let words = source.map { dtype == .float16 ? $0.float16Bits : $0.bfloat16Bits }
        #expect(words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] } == expected.bytes)
    }

    @Test("a cast rounds, keeps the shape, and reaches fp64 exactly")
    func cast() throws {
        let tensor = CheckpointTensor([1, 0.1, -65504, .infinity], shape: [2, 2])
        let half = try tensor.converted(to: .float16)
        #expect(half.dtype == .float16 && half.shape == [2, 2])
        #expect(try half.floats() == [1, 0.099975586, -65504, .infinity])
        #expect(try half.converted(to: .float64).converted(to: .float32).floats() == half.floats())
        #expect(try tensor.converted(to: .bfloat16).floats() == [1, 0.100097656, -65536, .infinity])
    }

    @Test(
        "a finite value that would become infinite stops the cast",
        arguments: [
            (CheckpointTensor.DType.float16, Float(65520)), (.float16, -1e30), (.bfloat16, .greatestFiniteMagnitude),
        ]
    )
    func beyondRange(dtype: CheckpointTensor.DType, value: Float) {
        #expect(throws: CheckpointError.beyondRange(dtype: dtype, value: value)) {
            try CheckpointTensor([0, value], shape: [2]).converted(to: dtype)
        }
    }

    @Test("integers are never cast")
    func integers() throws {
        let tensor = try CheckpointTensor(dtype: .int8, shape: [2], bytes: [1, 2])
        #expect(try tensor.converted(to: .float16) == tensor)
    }

    @Test("casting a whole checkpoint names the tensor that cannot be")
    func wholeCheckpoint() throws {
        let good = CheckpointTensor([1], shape: [1])
        let bad = CheckpointTensor([1e9], shape: [1])
        let checkpoint = Checkpoint(tensors: ["a": good, "b": bad])
        let error = CheckpointError.inTensor("b", .beyondRange(dtype: .float16, value: 1e9))
        #expect(throws: error) { try checkpoint.converted(to: .float16) }
        #expect(try checkpoint.converted(to: .bfloat16).tensors.values.allSatisfy { $0.dtype == .bfloat16 })
    }
}
