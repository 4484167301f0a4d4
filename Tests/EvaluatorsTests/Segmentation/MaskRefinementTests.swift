import Evaluators
import Tensors
import Testing

/// Prompt denoising and key smoothing on two places and three classes, worked out by hand.
@Suite("Prompt denoising and key smoothing")
struct MaskRefinementTests {
    private let backend = CPUBackend(threadCount: 1)
    /// `[C][N]`
    private let cosines: [[Float]] = [[0.30, 0.25], [0.29, 0.28], [0.20, 0.20]]
    private var denoised: [[Float]] { [cosines[0], cosines[1], [-100, -100]] }
    private var keys: Tensor { Tensor([1, 0, 1, 1], [2, 2], on: backend) }

    private func isNear(_ found: [some BinaryFloatingPoint], _ expected: [Double]) -> Bool {
        found.count == expected.count && zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 }
    }

    @Test("a class that is nowhere likely is left out")
    func denoising() {
        #expect(isNear(PromptDenoising.largestProbabilities(cosines), [0.731034, 0.952270, 0.000319]))
        #expect(PromptDenoising.kept(cosines) == [true, true, false])
        let shares = PromptDenoising.probabilities(denoised)
        #expect(isNear(shares.map { $0[0] }, [0.731059, 0.268941, 0]))
        #expect(isNear(shares.map { $0[1] }, [0.047426, 0.952574, 0]))
    }

    @Test("where no class is likely, the one that comes nearest stays")
    func allUnlikely() {
        #expect(PromptDenoising.kept([[0.1], [0.1], [0.101], [0.1]]) == [false, false, true, false])
    }

    @Test("the reference's weights are no cosines")
    func reference() {
        #expect(isNear(KeySmoothing.reference.weights(keys).floats, [0.5, 0.5, 0.5, 1.5]))
        let smoothed = KeySmoothing.reference.smoothed(PromptDenoising.probabilities(denoised), keys: keys)
        #expect(isNear(smoothed.map { $0[0] }, [0.389242, 0.610758, 0]))
        #expect(isNear(smoothed.map { $0[1] }, [0.436668, 1.563332, 0]))
    }

    @Test("the cosine form weighs by cosines, rows summing to 1, and leaves negative ones out")
    func cosine() {
        let (one, other) = (1 / 1.707107, 0.707107 / 1.707107)
        #expect(isNear(KeySmoothing.cosine.weights(keys).floats, [one, other, other, one]))
        let smoothed = KeySmoothing.cosine.smoothed(PromptDenoising.probabilities(denoised), keys: keys)
        #expect(smoothed[1][1] > smoothed[0][1])
        #expect(isNear([smoothed[0][0] + smoothed[1][0] + smoothed[2][0]], [1]))
        let opposite = Tensor([1, 0, -1, 0.1], [2, 2], on: backend)
        #expect(isNear(KeySmoothing.cosine.weights(opposite).floats, [1, 0, 0, 1]))
    }

    @Test("a place that is certain enough keeps its classes")
    func certain() {
        let shares = PromptDenoising.probabilities(denoised)
        let smoothed = KeySmoothing.reference.smoothed(shares, keys: keys, threshold: 0.8)
        #expect(isNear(smoothed.map { $0[0] }, [0.389242, 0.610758, 0]))
        #expect(isNear(smoothed.map { $0[1] }, [0.047426, 0.952574, 0]))
    }
}
