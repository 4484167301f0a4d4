import Objectives
import Tensors
import TestSupport
import Testing

@Suite("From tokens to loss")
struct RegionLossGradientTests {
    @Test("normalised tokens, RoIAlign and cosine agree with finite differences in double precision")
    func differences() {
        let boxes: [(Int, Float, Float, Float, Float)] = [
            (0, 0, 0, 5, 4), (0, 1.2, 0.7, 3.9, 2.2), (1, 3, 3, 3.2, 3.4), (1, -0.4, 2, 2, 5.5), (1, 0, 0, 2.5, 2),
        ]
        let regions = boxes.map { RegionOfInterest(imageIndex: $0, x0: $1, y0: $2, x1: $3, y1: $4) }
        let noise = RandomGenerator(run: 2, epoch: 0, sample: 0, view: 0)
        let targets = Tensor(ReferenceBackend().value((0..<15).map { noise.normal(at: $0) }, [5, 3])).l2Normalized()
        let check = GradientCheck([[2, 20, 3]]) { inputs in
            let pooled = inputs[0].l2Normalized().roiAligned(regions, rows: 4, columns: 5)
            return CosineDistance.sum(pooled, targets).total
        }
        print("tokens to loss: \(check.largestDifference), \(check.worst)")
        #expect(check.largestDifference < 1e-6)
    }
}
