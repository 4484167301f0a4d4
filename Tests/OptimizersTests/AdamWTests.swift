import Optimizers
import Tensors
import Testing

@Suite("AdamW")
struct AdamWTests {
    let backend = CPUBackend(threadCount: 1)

    func part(_ weights: [Float], offset: Int = 0) -> AdamW.Part {
        AdamW.Part(
            offset: offset,
            weights: Tensor(weights, [weights.count], on: backend).value,
            moment1: Tensor.zeros([weights.count], on: backend).value,
            moment2: Tensor.zeros([weights.count], on: backend).value
        )
    }

    func vector(_ values: [Float]) -> TensorValue { Tensor(values, [values.count], on: backend).value }

    @Test("the first step moves every weight by the rate, against its gradient's sign")
    func firstStep() {
        var part = part([1, 1, 1])
        AdamW().update(
            &part,
            gradient: vector([1e-3, -50, 0]),
            step: 1,
            learningRate: 0.1,
            settings: [SliceSettings(range: 0..<3)]
        )
        let weights = Tensor(part.weights).floats
        #expect(abs(weights[0] - 0.9) < 1e-5 && abs(weights[1] - 1.1) < 1e-6 && weights[2] == 1)
    }

    @Test("epsilon is added after the bias correction")
    func epsilon() {
        var part = part([0])
        AdamW(beta1: 0.9, beta2: 0.99, epsilon: 1).update(
            &part,
            gradient: vector([3]),
            step: 1,
            learningRate: 1,
            settings: [SliceSettings(range: 0..<1)]
        )
        // Corrected moments are 3 and 9, so the step is 3 / (√9 + 1); before the correction it would be 3 / (3 + 10).
        #expect(abs(Tensor(part.weights).floats[0] + 0.75) < 1e-6)
    }

    @Test("decay shrinks weights by rate × decay, even without a gradient")
    func decay() {
        var part = part([2, 2])
        AdamW().update(
            &part,
            gradient: vector([0, 0]),
            step: 1,
            learningRate: 0.5,
            settings: [SliceSettings(range: 0..<1, weightDecay: 0.1), SliceSettings(range: 1..<2)]
        )
        #expect(Tensor(part.weights).floats == [1.9, 2])
    }

    @Test("a slice's rate scale works like another rate")
    func rateScale() {
        var scaled = part([1, 2])
        var plain = part([1, 2])
        let gradient = vector([0.3, -0.2])
        AdamW().update(
            &scaled,
            gradient: gradient,
            step: 1,
            learningRate: 0.4,
            settings: [SliceSettings(range: 0..<2, learningRateScale: 0.25, weightDecay: 0.1)]
        )
        AdamW().update(
            &plain,
            gradient: gradient,
            step: 1,
            learningRate: 0.1,
            settings: [SliceSettings(range: 0..<2, weightDecay: 0.1)]
        )
        #expect(Tensor(scaled.weights).floats == Tensor(plain.weights).floats)
    }

    @Test("the gradient's scale enters both moments")
    func gradientScale() {
        var clipped = part([1])
        AdamW().update(
            &clipped,
            gradient: vector([8]),
            step: 1,
            learningRate: 0.1,
            gradientScale: 0.25,
            settings: [SliceSettings(range: 0..<1)]
        )
        #expect(abs(Tensor(clipped.moment1).floats[0] - 0.2) < 1e-6)
        #expect(abs(Tensor(clipped.moment2).floats[0] - 0.004) < 1e-7)
    }

    @Test("what no slice covers stays as it is")
    func uncovered() {
        var part = part([1, 1, 1])
        AdamW().update(
            &part,
            gradient: vector([1, 1, 1]),
            step: 1,
            learningRate: 0.1,
            settings: [SliceSettings(range: 1..<2, weightDecay: 1)]
        )
        let weights = Tensor(part.weights).floats
        #expect(weights[0] == 1 && weights[1] < 1 && weights[2] == 1)
        #expect(Tensor(part.moment2).floats[0] == 0)
    }

    @Test("parts of any length give the bits of the whole", arguments: 1..<8 as Range<UInt64>)
    func parts(seed: UInt64) {
        let count = 1000
        let random = RandomGenerator(run: seed, epoch: 0, sample: 0, view: 0)
        let start = (0..<count).map { Float(random.normal(at: $0)) }
        let gradients = (0..<3).map { step in (0..<count).map { Float(random.normal(at: (step + 1) * count + $0)) } }
        let settings = [
            SliceSettings(range: 0..<337, weightDecay: 0.1),
            SliceSettings(range: 337..<900, learningRateScale: 0.5),
            SliceSettings(range: 900..<1000, learningRateScale: 2, weightDecay: 0.3),
        ]
        func run(partLength: Int) -> [Float] {
            stride(from: 0, to: count, by: partLength).flatMap { offset in
                let range = offset..<min(offset + partLength, count)
                var part = part(Array(start[range]), offset: offset)
                for (index, gradient) in gradients.enumerated() {
                    AdamW().update(
                        &part,
                        gradient: vector(Array(gradient[range])),
                        step: index + 1,
                        learningRate: 0.01,
                        settings: settings
                    )
                }
                return Tensor(part.weights).floats
            }
        }
        let whole = run(partLength: count)
        for length in [1 + Int(random.uniform(at: 9) * 300), 128, 999] {
            #expect(run(partLength: length) == whole, "seed \(seed), length \(length)")
        }
    }
}
