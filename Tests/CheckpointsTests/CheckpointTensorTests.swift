import Checkpoints
import Testing

struct CheckpointTensorTests {
    @Test("a scalar has an empty shape and one element")
    func scalar() throws {
        let tensor = try CheckpointTensor(dtype: .float32, shape: [], bytes: [0, 0, 128, 63])
        #expect(tensor.elementCount == 1)
        #expect(try tensor.floats() == [1])
    }

    @Test(
        "bytes that do not fill the shape are refused",
        arguments: [([2, 3], 23), ([2, 3], 25), ([0], 4), ([-1], 0), ([1 << 62, 4], 0), ([0, 1 << 62, 8], 0)]
    )
    func wrongByteCount(shape: [Int], byteCount: Int) {
        #expect(throws: CheckpointError.wrongByteCount(dtype: .float32, shape: shape, found: byteCount)) {
            try CheckpointTensor(dtype: .float32, shape: shape, bytes: Array(repeating: 0, count: byteCount))
        }
    }

    @Test("an empty axis makes an empty tensor")
    func empty() throws {
        #expect(try CheckpointTensor(dtype: .int64, shape: [3, 0], bytes: []).elementCount == 0)
    }

    @Test("transposing twice gives the same bytes for every element size", arguments: CheckpointTensor.DType.allCases)
    func transposeTwice(dtype: CheckpointTensor.DType) throws {
        let bytes = (0..<6 * dtype.byteCount).map { UInt8($0) }
        let tensor = try CheckpointTensor(dtype: dtype, shape: [2, 3], bytes: bytes)
        let transposed = try #require(tensor.transposed())
        #expect(transposed.shape == [3, 2])
        #expect(transposed.bytes.prefix(dtype.byteCount) == tensor.bytes.prefix(dtype.byteCount))
        #expect(transposed != tensor)
        #expect(transposed.transposed() == tensor)
    }

    @Test("a transpose exchanges rows and columns")
    func transpose() throws {
        let tensor = CheckpointTensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
        #expect(try tensor.transposed()?.floats() == [1, 4, 2, 5, 3, 6])
        #expect(CheckpointTensor([1, 2], shape: [2]).transposed() == nil)
        #expect(CheckpointTensor([], shape: [0, 3]).transposed()?.shape == [3, 0])
    }

    @Test("parts of the leading axis join to what was split")
    func splitAndJoin() throws {
        let tensor = CheckpointTensor([1, 2, 3, 4, 5, 6], shape: [3, 2])
        let parts = try #require(tensor.split(into: 3))
        #expect(try parts.map { try $0.floats() } == [[1, 2], [3, 4], [5, 6]])
        #expect(parts.allSatisfy { $0.shape == [1, 2] })
        #expect(CheckpointTensor(concatenating: parts) == tensor)
    }

    @Test("what does not divide, or differs, is neither split nor joined")
    func unfit() {
        let tensor = CheckpointTensor([1, 2, 3, 4], shape: [4])
        let scalar = CheckpointTensor([1], shape: [])
        #expect(tensor.split(into: 3) == nil)
        #expect(scalar.split(into: 1) == nil)
        #expect(CheckpointTensor(concatenating: [tensor, CheckpointTensor([1], shape: [1])]) == nil)
        #expect(CheckpointTensor(concatenating: [scalar, scalar]) == nil)
        #expect(CheckpointTensor(concatenating: []) == nil)
    }
}
