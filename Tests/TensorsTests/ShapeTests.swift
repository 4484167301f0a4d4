import Tensors
import Testing

@Suite struct ShapeTests {
    @Test("counts elements, and one for a scalar")
    func count() {
        #expect(([2, 3, 4] as Shape).count == 24)
        #expect(([] as Shape).count == 1)
        #expect(([5, 0] as Shape).count == 0)
    }

    @Test("negative axes count from the end")
    func negativeAxes() {
        let shape: Shape = [2, 3, 4]
        #expect(shape[-1] == 4 && shape[-3] == 2 && shape[1] == 3)
        #expect(shape.rowCount == 6)
        #expect(shape.replacing(axis: -1, with: 7) == [2, 3, 7])
    }

    @Test("prints as people write it")
    func description() {
        #expect("\([2, 3] as Shape)" == "[2, 3]")
    }

    @Test("operations on shapes that do not fit end the program with both shapes")
    func mismatch() async {
        await #expect(processExitsWith: .failure) {
            let backend = CPUBackend(threadCount: 1)
            _ = Tensor.zeros([2, 3], on: backend) + Tensor.zeros([3, 2], on: backend)
        }
        await #expect(processExitsWith: .failure) {
            let backend = CPUBackend(threadCount: 1)
            _ = Tensor.zeros([2, 3], on: backend).linear(weight: Tensor.zeros([4, 2], on: backend))
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor.zeros([2, 3, 10], on: CPUBackend(threadCount: 1)).attention(headCount: 2)
        }
    }
}
