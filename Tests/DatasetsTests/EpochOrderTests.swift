import Datasets
import Testing

@Suite("EpochOrder")
struct EpochOrderTests {
    @Test(
        "an epoch visits every sample once, in an order that its seed and number alone decide",
        arguments: [0, 1, 2, 1000]
    )
    func permutation(count: Int) {
        let order = EpochOrder(runSeed: 7, epoch: 3, count: count)
        #expect(order[0..<count].sorted() == (0..<count).map(Int64.init))
        #expect(order[0..<count] == EpochOrder(runSeed: 7, epoch: 3, count: count)[0..<count])
        #expect((0..<count).map { order[$0] } == order[0..<count])
    }

    @Test("the order is fixed for ever, as runs resume across releases")
    func golden() {
        // Computed apart from this code, from the seeds' definition: key (42, 3, 2⁶⁴ − 1, 250), Fisher–Yates from the end.
        #expect(EpochOrder(runSeed: 42, epoch: 3, count: 8)[0..<8] == [1, 2, 5, 6, 7, 0, 4, 3])
    }

    @Test("another epoch and another run have other orders")
    func keyed() {
        let orders = [(7, 3), (7, 4), (8, 3)].map { seed, epoch in
            EpochOrder(runSeed: seed, epoch: epoch, count: 100)[0..<100]
        }
        #expect(Set(orders).count == 3)
    }
}
