import Objectives
import Tensors
import Testing

@Suite("Cosine distance")
struct CosineDistanceTests {
    private let backend = CPUBackend(threadCount: 1)

    @Test("distances are one minus the cosine, and the gradient is that of their sum")
    func gradient() throws {
        let student = Tensor([3, 4, 0, -2], [2, 2], on: backend).asVariable()
        let teacher = Tensor([1, 0, 0, 1], [2, 2], on: backend)
        let (total, distances) = CosineDistance.sum(student, teacher)
        #expect(abs(distances[0] - 0.4) < 1e-6 && abs(distances[1] - 2) < 1e-6)
        let gradient = try #require(total.gradients(of: [student]).first).floats
        // −(t − (s·t)s)/‖g‖: −((1, 0) − 0.6·(0.6, 0.8))/5, and 0 where they are opposite.
        let expected: [Float] = [-0.128, 0.096, 0, 0]
        for (value, want) in zip(gradient, expected) { #expect(abs(value - want) < 1e-6) }
    }

    @Test("the mean over all boxes is not the mean of the images' means")
    func sums() {
        var terms = [LossTerm(name: "cosine_distance", sum: 0.8, count: 1)]
        terms.add([LossTerm(name: "cosine_distance", sum: 4, count: 20), LossTerm(name: "other", sum: 1, count: 2)])
        #expect(terms.count == 2)
        #expect(abs((terms[0].mean ?? 0) - 0.228_571_43) < 1e-8)
        #expect(LossTerm(name: "none", sum: 0, count: 0).mean == nil)
    }
}
