import Foundation
import Objectives
import Tensors
import Testing

/// The worked example: two cells, two classes, two segmentation prompts, in two dimensions.
@Suite("Masks made of prompts")
struct MaskLossTests {
    private let backend = CPUBackend(threadCount: 1)
    private static let features: [Float] = [1, 0, 0.6, 0.8]
    private static let prompts: [Float] = [1, 0, 0, 1, 1, 0, 0, 1, 0.8, 0.6, 0.6, 0.8]

    private func share(
        _ loss: MaskLoss,
        _ labels: [Int],
        prompts: [Float] = prompts,
        logScale: Double = log(2),
        logTemperature: Double = log(0.5)
    ) -> MaskLoss.Share? {
        let texts = MaskLoss.Texts(
            Tensor(prompts, [3, 2, 2], on: backend),
            logScale: logScale,
            logTemperature: logTemperature
        )
        return loss.share(of: Tensor(Self.features, [2, 2], on: backend), labels: labels, texts)
    }

    private func expect(_ found: [Float], _ expected: [Double], _ comment: Comment) {
        #expect(found.count == expected.count, comment)
        for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 1e-5, comment) }
    }

    @Test(
        "both losses are those worked out by hand",
        arguments: [
            (labels: [0, 1], segmentation: 0.448044, positive: 0.327578, bce: 0.163789),
            (labels: [0, -1], segmentation: 0.225621, positive: 0.138785, bce: 0.949400),
        ]
    )
    func losses(labels: [Int], segmentation: Double, positive: Double, bce: Double) throws {
        for (kind, expected) in [(MaskLoss.Classification.positive, positive), (.bce, bce)] {
            let found = try #require(share(MaskLoss(classification: kind, sharpness: 5), labels))
            #expect(abs(found.segmentation - segmentation) < 1e-5)
            #expect(abs(found.classification - expected) < 1e-5)
            #expect(found.cells == labels.count { $0 >= 0 } && found.hits == found.cells)
        }
    }

    @Test("every gradient is the one worked out by hand")
    func gradients() throws {
        let found = try #require(share(MaskLoss(sharpness: 5), [0, -1]))
        expect(found.fused, [-0.166345, 0, 0.166345, 0], "of each segmentation prompt")
        expect(found.global, [-0.402871, 0.028234, 0.479333, 0.697249], "of the global prompt")
        expect(found.scores.map { Float($0) }, [-0.388753, 0.827958], "of the scores")
        #expect(abs(found.logScale - -0.199614) < 1e-5)
        #expect(abs(found.logTemperature - -0.280236) < 1e-5)
        #expect(abs(found.presentGates.sum - 0.870416) < 1e-5 && found.presentGates.count == 1)
        #expect(abs(found.absentGates.sum - 0.827958) < 1e-5 && found.absentGates.count == 1)
    }

    @Test("the gradients are those of finite differences", arguments: MaskLoss.Classification.allCases, [true, false])
    func differences(kind: MaskLoss.Classification, isGated: Bool) throws {
        let loss = MaskLoss(
            segmentationWeight: 0.7,
            classificationWeight: 1.3,
            classification: kind,
            isGated: isGated,
            sharpness: 5
        )
        func value(_ prompts: [Float], _ logScale: Double, _ logTemperature: Double) throws -> Double {
            let found = try #require(
                share(loss, [1, 0], prompts: prompts, logScale: logScale, logTemperature: logTemperature)
            )
            return 0.7 * found.segmentation + 1.3 * found.classification
        }
        let found = try #require(share(loss, [1, 0]))
        let (scale, temperature) = (log(2.0), log(0.5))
        let step = 1e-5
        func slope(_ scaleStep: Double, _ temperatureStep: Double) throws -> Double {
            let above = try value(Self.prompts, scale + scaleStep, temperature + temperatureStep)
            let below = try value(Self.prompts, scale - scaleStep, temperature - temperatureStep)
            return (above - below) / (2 * step)
        }
        #expect(try abs(slope(step, 0) - found.logScale) < 1e-6)
        #expect(try abs(slope(0, step) - found.logTemperature) < 1e-6)
        let global = isGated ? found.global : [0, 0, 0, 0]
        for (index, expected) in (global + found.fused + found.fused).enumerated() {
            // Cosines are fp32, so the step is coarse.
            let step: Float = 1 / 512
            var (above, below) = (Self.prompts, Self.prompts)
            above[index] += step
            below[index] -= step
            let slope = try (value(above, scale, temperature) - value(below, scale, temperature)) / Double(2 * step)
            #expect(abs(slope - Double(expected)) < 2e-4, "number \(index)")
        }
    }

    @Test("without a gate nothing is classified and the global prompt has no gradient")
    func ungated() throws {
        let found = try #require(share(MaskLoss(isGated: false), [0, 1]))
        #expect(found.classification == 0 && found.global.isEmpty && found.logTemperature == 0)
        // m^f of the example, without the gates.
        #expect(abs(found.segmentation - -(log(0.916827) + log(0.617748)) / 2) < 1e-5)
    }

    @Test("a view without a label counts nothing")
    func unlabelled() {
        #expect(share(MaskLoss(), [-1, -1]) == nil)
    }

    @Test("the gate can turn a cell from one class to another, and the sum of logarithms decides as the product does")
    func gateFlips() {
        let (masks, gates) = ([0.55, 0.45], [0.5, 0.9])
        let product = zip(masks, gates).map { $0 * $1 }
        #expect(abs(product[0] - 0.275) < 1e-12 && abs(product[1] - 0.405) < 1e-12)
        let sums = zip(masks, gates).map { log($0) + log($1) }
        #expect(masks[0] > masks[1] && product[1] > product[0] && sums[1] > sums[0])
        // Two scores with which a gate of temperature 1 is open as far.
        let scores = gates.map { Float(log($0 / (1 - $0))) }
        let gate = GlobalGate(cosines: scores, classes: 2, sharpness: 100, temperature: 1)
        for (found, expected) in zip(gate.gates, gates) { #expect(abs(found - expected) < 1e-6) }
        for (found, expected) in zip(gate.logGates, gates) { #expect(abs(found - log(expected)) < 1e-6) }
    }

    @Test("the gate of the example has its scores and opens as far as worked out by hand")
    func gate() {
        // F·T0ᵀ of the example.
        let gate = GlobalGate(cosines: [1, 0, 0.6, 0.8], classes: 2, sharpness: 5, temperature: 0.5)
        for (found, expected) in zip(gate.scores + gate.gates, [0.952319, 0.785611, 0.870416, 0.827958]) {
            #expect(abs(found - expected) < 1e-5)
        }
        for (found, gate) in zip(gate.logComplements, gate.gates) { #expect(abs(found - log(1 - gate)) < 1e-9) }
    }

    @Test("a temperature at its bounds gives no number that is none")
    func extremes() throws {
        for temperature in [log(0.02), 0] {
            let found = try #require(
                share(MaskLoss(), [0, 1], logScale: log(300), logTemperature: temperature)
            )
            #expect((found.fused + found.global).allSatisfy { $0.isFinite })
            #expect(found.segmentation.isFinite && found.classification.isFinite && found.logTemperature.isFinite)
        }
    }
}
