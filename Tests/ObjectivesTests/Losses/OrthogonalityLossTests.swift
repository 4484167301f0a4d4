import Objectives
import Tensors
import Testing

@Suite("Prompts are kept apart")
struct OrthogonalityLossTests {
    @Test("loss and gradient are those worked out by hand")
    func workedExample() {
        let loss = OrthogonalityLoss(prompts: 3, leading: 0, contexts: 2, width: 2)
        let found = loss([1, 0, 1, 0, 0, 2, 2, 0, 0, -1, 0, -3])
        #expect(abs(found.loss - 1.414214) < 1e-5)
        for (cosine, expected) in zip(found.cosines, [0.707107, 0, 0.707107]) { #expect(abs(cosine - expected) < 1e-5) }
        // Each of two context vectors has half of its prompt's.
        let means = [0, 0.707107, 0, 0, -0.353553, 0]
        for prompt in 0..<3 {
            for context in 0..<2 {
                for axis in 0..<2 {
                    let place = (prompt * 2 + context) * 2 + axis
                    #expect(abs(found.gradient[place] - means[prompt * 2 + axis] / 2) < 1e-5, "number \(place)")
                }
            }
        }
    }

    @Test("equal prompts have the highest loss and no gradient; one prompt has neither")
    func equal() {
        let equal = OrthogonalityLoss(prompts: 3, leading: 0, contexts: 1, width: 2)([3, 4, 3, 4, 3, 4])
        #expect(abs(equal.loss - 3) < 1e-12 && equal.gradient.allSatisfy { abs($0) < 1e-12 })
        let one = OrthogonalityLoss(prompts: 1, leading: 1, contexts: 1, width: 2)([3, 4, 3, 4])
        #expect(one.loss == 0 && one.cosines.isEmpty && one.gradient == [0, 0, 0, 0])
    }

    @Test("the prompt before them takes no part")
    func leading() {
        let values: [Float] = [9, -7, 1, 0, 1, 1]
        let found = OrthogonalityLoss(prompts: 2, leading: 1, contexts: 1, width: 2)(values)
        #expect(abs(found.loss - 0.5.squareRoot()) < 1e-9)
        #expect(found.gradient[0] == 0 && found.gradient[1] == 0)
    }

    @Test("the gradient is that of finite differences")
    func differences() {
        let loss = OrthogonalityLoss(prompts: 3, leading: 1, contexts: 3, width: 5)
        let noise = RandomGenerator(run: 2, epoch: 0, sample: 0, view: 0)
        let values = (0..<4 * 3 * 5).map { Float(noise.normal(at: $0)) }
        let gradient = loss(values).gradient
        for index in values.indices {
            let step: Float = 1 / 1024
            var (above, below) = (values, values)
            above[index] += step
            below[index] -= step
            let slope = (loss(above).loss - loss(below).loss) / Double(2 * step)
            #expect(abs(slope - gradient[index]) < 1e-6, "number \(index)")
        }
    }

    @Test("a prompt without a direction gives what is no number, so that it is never published")
    func noDirection() {
        let found = OrthogonalityLoss(prompts: 2, leading: 0, contexts: 1, width: 2)([0, 0, 1, 0])
        #expect(found.loss.isNaN)
    }
}
