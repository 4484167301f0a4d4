import Optimizers
import Tensors
import Testing

@Suite("Parity: AdamW")
struct AdamWParityTests {
    let backend = CPUBackend(threadCount: 1)
    /// The script's three groups: a 5×7 matrix, a vector of 11, a 4×3 matrix at half the rate.
    let settings = [
        SliceSettings(range: 0..<35, weightDecay: 0.1),
        SliceSettings(range: 35..<46),
        SliceSettings(range: 46..<58, learningRateScale: 0.5, weightDecay: 0.2),
    ]

    @Test(
        "ten steps equal torch.optim.AdamW's, step by step",
        arguments: [("eva", AdamW()), ("openai", AdamW(beta1: 0.9, beta2: 0.98, epsilon: 1e-6))]
    )
    func tenSteps(label: String, optimizer: AdamW) throws {
        let fixture = try Fixture("adamw")
        let gradients = try fixture.tensor("gradients", on: backend)  // [10, 58]
        let expected = try fixture.floats("\(label).weights")
        let start = try fixture.tensor("start", on: backend)
        var part = AdamW.Part(
            weights: start.value,
            moment1: Tensor.zeros(start.shape, on: backend).value,
            moment2: Tensor.zeros(start.shape, on: backend).value
        )
        for (index, rate) in try fixture.floats("rates").enumerated() {
            optimizer.update(
                &part,
                gradient: gradients.value.leadingSlice(index..<index + 1).reshaped(to: start.shape),
                step: index + 1,
                learningRate: Double(rate),
                settings: settings
            )
            let range = index * start.shape.count..<(index + 1) * start.shape.count
            let difference = Difference(Tensor(part.weights).floats, from: expected[range])
            print("AdamW \(label), step \(index + 1): \(difference)")
            #expect(difference.relative < 1e-6)
        }
        for (name, moment) in [("moment1", part.moment1), ("moment2", part.moment2)] {
            let found = Tensor(moment).floats
            let worst =
                try zip(found, fixture.floats("\(label).\(name)")).map { found, expected in
                    expected == 0 ? Double(found.magnitude) : Double((found - expected).magnitude / expected.magnitude)
                }.max() ?? 0
            print("AdamW \(label), \(name): largest relative difference \(worst)")
            // Element by element, over six decades: a mean of gradients that nearly cancel carries their rounding.
            #expect(worst < 1e-5)
        }
    }
}
