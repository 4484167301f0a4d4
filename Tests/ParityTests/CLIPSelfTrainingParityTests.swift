import Layers
import Objectives
import Optimizers
import Tensors
import Testing

@Suite("Ten training steps of CLIPSelf against PyTorch")
struct CLIPSelfTrainingParityTests {
    private let backend = CPUBackend(threadCount: 2)

    @Test("losses and weights agree after ten steps, and what does not train keeps its bits")
    func tenSteps() throws {
        let dump = try CLIPSelfFixture("clipself-ten-steps", on: backend)
        let layout = try dump.objective.trainableLayout()
        let schedule = CosineSchedule(
            peak: try #require(Double(dump.fixture.metadata("rate"))),
            warmUpSteps: try #require(Double(dump.fixture.metadata("warmup"))),
            totalSteps: 10
        )
        let rules = ParameterRules(weightDecay: try #require(Double(dump.fixture.metadata("decay"))))
        let settings = try rules.resolved(for: layout).settings
        let optimizer = AdamW(beta1: 0.9, beta2: 0.98, epsilon: 1e-6)
        let views = try (0..<3).map { try dump.views($0) }
        let expectedLosses = try dump.fixture.floats("losses")

        let shape: Shape = [layout.count]
        var part = AdamW.Part(
            weights: Tensor(try layout.flattened(dump.start), shape, on: backend).value,
            moment1: Tensor.zeros(shape, on: backend).value,
            moment2: Tensor.zeros(shape, on: backend).value
        )
        for step in 0..<10 {
            let tree = try layout.unflattened(Tensor(part.weights).floats, into: dump.start, on: backend)
            let differentiation = try ValueAndGradient(tree, trains: layout)
            var gradient = [Float](repeating: 0, count: layout.count)
            var (sum, units) = (0.0, 0)
            for index in [step % 3, (step + 1) % 3] {
                let loss = try dump.objective.loss(
                    of: [views[index]],
                    student: differentiation.parameters,
                    teacher: dump.start,
                    on: backend
                )
                let total = try #require(loss.total)
                try differentiation(addingTo: &gradient) { total }
                sum += loss.terms[0].sum
                units += loss.units
            }
            let mean = gradient.map { $0 / Float(units) }
            optimizer.update(
                &part,
                gradient: Tensor(mean, shape, on: backend).value,
                step: step + 1,
                learningRate: schedule.learningRate(at: Double(step)),
                settings: settings
            )
            print("step \(step): loss \(sum / Double(units)), expected \(expectedLosses[step])")
            #expect(abs(sum / Double(units) - Double(expectedLosses[step])) < 1e-5)
        }

        let weights = Tensor(part.weights).floats
        let final = try layout.unflattened(weights, into: dump.start, on: backend)
        for (index, slice) in layout.slices.enumerated() {
            let expected = try dump.fixture.floats("trained.\(slice.path)")[slice.elements]
            let difference = Difference(weights[layout.range(of: index)], from: Array(expected))
            print("\(slice.path): \(difference)")
            #expect(difference.largestAbsolute < 1e-4, "\(slice.path)")
        }
        let frozen = try layout.complement(in: dump.objective.parameters())
        #expect(frozen.paths.contains("visual.transformer.resblocks.1.attn.in_proj_weight"))
        let before = try frozen.flattened(dump.start).map(\.bitPattern)
        let after = try frozen.flattened(final).map(\.bitPattern)
        #expect(before == after)
    }
}
