import Tensors
import Testing

@Suite struct RandomGeneratorTests {
    @Test(
        "keys match the published vectors",
        arguments: [
            ([1, 0, 0, 0], 0xe281_95dd_d9ee_4956),
            ([1, 0, 0, 1], 0x3fa2_5e16_57e0_24c1),
            ([1, 0, 1, 0], 0x91df_2b16_5200_2e2d),
            ([42, 3, 1_000_000_007, 2], 0x0fc4_39f1_30f4_da33),
            ([42, 3, 1_000_000_007, 0], 0xeddf_a13a_bb17_752e),
        ] as [([UInt64], UInt64)]
    )
    func keys(path: [UInt64], key: UInt64) {
        #expect(RandomGenerator(run: path[0], epoch: path[1], sample: path[2], view: path[3]).key == key)
    }

    @Test("draws match the published vectors")
    func draws() {
        let random = RandomGenerator(run: 42, epoch: 3, sample: 1_000_000_007, view: 2)
        for (index, expected) in [0.4324100193, 0.7256975024, 0.0016871882].enumerated() {
            #expect(abs(random.uniform(at: index) - expected) < 5e-11)
        }
    }

    @Test("a draw does not depend on the draws before it")
    func counterBased() {
        let random = RandomGenerator(key: 99)
        let forwards = (0..<50).map(random.uniform)
        let backwards = (0..<50).reversed().map(random.uniform)
        #expect(forwards == backwards.reversed())
        #expect(forwards.allSatisfy { (0..<1).contains($0) })
    }

    @Test("normal numbers have mean 0 and variance 1")
    func moments() {
        let random = RandomGenerator(key: 5)
        let numbers = (0..<20_000).map(random.normal)
        let mean = numbers.reduce(0, +) / 20_000
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        // Four standard errors each.
        #expect(abs(mean) < 0.029)
        #expect(abs(variance - 1) < 0.04)
    }

    @Test("shuffling keeps every element and visits every order")
    func shuffle() {
        let elements = Array(0..<100)
        #expect(RandomGenerator(key: 1).shuffled(elements).sorted() == elements)
        let orders = (0..<200).map { RandomGenerator(key: $0).shuffled([0, 1, 2]) }
        #expect(Set(orders).count == 6)
        #expect(RandomGenerator(key: 3).shuffled([Int]()) == [])
    }

    @Test("integers stay below their bound and reach every value")
    func integers() {
        let random = RandomGenerator(key: 8)
        #expect(Set((0..<200).map { random.integer(below: 7, at: $0) }) == Set(0..<7))
    }
}
