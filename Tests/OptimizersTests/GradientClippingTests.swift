import Optimizers
import Tensors
import Testing

@Suite("GradientClipping and GlobalNorm")
struct GradientClippingTests {
    let backend = CPUBackend(threadCount: 1)

    func vector(_ count: Int, seed: UInt64) -> [Float] {
        let random = RandomGenerator(run: seed, epoch: 0, sample: 0, view: 0)
        return (0..<count).map { Float(random.normal(at: $0)) }
    }

    @Test("the norm is the same to the last bit however the vector is cut", arguments: 1..<6 as Range<UInt64>)
    func cuts(seed: UInt64) {
        let values = vector(5 * GlobalNorm.blockSize + 17, seed: seed)
        let whole = GlobalNorm.blockSums(of: Tensor(values, [values.count], on: backend).value)
        for blocksPerPart in 1...4 {
            let length = blocksPerPart * GlobalNorm.blockSize
            let parts = stride(from: 0, to: values.count, by: length).flatMap { start in
                let part = Array(values[start..<min(start + length, values.count)])
                return GlobalNorm.blockSums(of: Tensor(part, [part.count], on: backend).value)
            }
            #expect(parts == whole, "seed \(seed), \(blocksPerPart) blocks a part")
        }
    }

    @Test("the norm is computed in double precision")
    func precision() {
        let values = [Float](repeating: 1e-3, count: 1_000_000)
        let sums = GlobalNorm.blockSums(of: Tensor(values, [values.count], on: backend).value)
        #expect(abs(GlobalNorm.norm(ofBlockSums: sums) / Double(Float(1e-3)) - 1000) < 1e-9)
    }

    @Test("a gradient beyond the limit is scaled to it, another is left alone")
    func scale() {
        let clipping = GradientClipping(maximumNorm: 1)
        #expect(clipping.scale(forNorm: 0) == 1)
        #expect(clipping.scale(forNorm: 0.999) == 1)
        #expect(abs(clipping.scale(forNorm: 4) - 0.25) < 1e-6)
    }
}
