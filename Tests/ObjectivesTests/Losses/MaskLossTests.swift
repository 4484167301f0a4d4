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

    /// A square of 2 × 2 cells, and pixels of which some have no label.
    private static let square: [Float] = [1, 0, 0.6, 0.8, 0.8, 0.6, 0, 1]
    private static let side = 5
    private static let pixels = (0..<side * side).map { $0 % 4 == 3 ? -1 : ($0 / 3) % 2 }

    private func pixelShare(
        _ loss: MaskLoss,
        _ labels: [Int],
        side: Int?,
        prompts: [Float] = prompts,
        logScale: Double = log(2),
        logTemperature: Double = log(0.5)
    ) throws -> MaskLoss.Share {
        let texts = MaskLoss.Texts(
            Tensor(prompts, [3, 2, 2], on: backend),
            logScale: logScale,
            logTemperature: logTemperature
        )
        let features = Tensor(Self.square, [4, 2], on: backend)
        return try #require(loss.share(of: features, labels: labels, texts, upsampledTo: side))
    }

    @Test("pixels as large as cells have the loss and the gradients of the cells")
    func pixelsOfCells() throws {
        let labels = [0, -1, 1, 1]
        let cells = try pixelShare(MaskLoss(sharpness: 5), labels, side: nil)
        let pixels = try pixelShare(MaskLoss(sharpness: 5), labels, side: 2)
        #expect(cells.segmentation == pixels.segmentation && cells.classification == pixels.classification)
        #expect(cells.fused == pixels.fused && cells.global == pixels.global)
        #expect(cells.logScale == pixels.logScale && cells.logTemperature == pixels.logTemperature)
        #expect(pixels.cells == 3)
    }

    @Test("a pixel's logits are those of the cells around it, each weighed by its nearness along both axes")
    func pixelLogits() throws {
        let found = try pixelShare(MaskLoss(isGated: false), Self.pixels, side: Self.side)
        let fused: [[Double]] = [[1.8, 0.6], [0.6, 1.8]]
        let logits = (0..<4).map { cell in
            fused.map { 2 * ($0[0] * Double(Self.square[2 * cell]) + $0[1] * Double(Self.square[2 * cell + 1])) }
        }
        func weight(_ cell: Int, _ pixel: Int) -> Double {
            let place = min(max((Double(pixel) + 0.5) * 2 / Double(Self.side) - 0.5, 0), 1)
            return max(0, 1 - abs(place - Double(cell)))
        }
        var (loss, count, hits) = (0.0, 0, 0)
        for (index, label) in Self.pixels.enumerated() where label >= 0 {
            let (y, x) = index.quotientAndRemainder(dividingBy: Self.side)
            let z = (0..<2).map { c in
                (0..<4).reduce(0.0) { $0 + weight($1 / 2, y) * weight($1 % 2, x) * logits[$1][c] }
            }
            loss += log(exp(z[0]) + exp(z[1])) - z[label]
            count += 1
            hits += (z[1] > z[0] ? 1 : 0) == label ? 1 : 0
        }
        #expect(abs(found.segmentation - loss / Double(count)) < 1e-6)
        #expect(found.cells == count && found.hits == hits)
    }

    @Test("the gradients of pixels are those of finite differences", arguments: [true, false])
    func pixelDifferences(isGated: Bool) throws {
        let loss = MaskLoss(segmentationWeight: 0.7, classificationWeight: 1.3, isGated: isGated, sharpness: 5)
        func value(_ prompts: [Float], _ logScale: Double, _ logTemperature: Double) throws -> Double {
            let found = try pixelShare(
                loss,
                Self.pixels,
                side: Self.side,
                prompts: prompts,
                logScale: logScale,
                logTemperature: logTemperature
            )
            return 0.7 * found.segmentation + 1.3 * found.classification
        }
        let found = try pixelShare(loss, Self.pixels, side: Self.side)
        let (scale, temperature, small) = (log(2.0), log(0.5), 1e-5)
        let scaleSlope =
            try (value(Self.prompts, scale + small, temperature) - value(Self.prompts, scale - small, temperature))
        #expect(abs(scaleSlope / (2 * small) - found.logScale) < 1e-4)
        let heat =
            try (value(Self.prompts, scale, temperature + small) - value(Self.prompts, scale, temperature - small))
        #expect(abs(heat / (2 * small) - found.logTemperature) < 1e-4)
        let step: Float = 1 / 256
        for index in 0..<12 {
            func moved(_ step: Float) throws -> Double {
                var prompts = Self.prompts
                prompts[index] += step
                return try value(prompts, scale, temperature)
            }
            let slope = try (moved(step) - moved(-step)) / Double(2 * step)
            // The global prompt comes first; each of the others has the gradient of their sum.
            let wanted = index < 4 ? (isGated ? found.global[index] : 0) : found.fused[index % 4]
            #expect(abs(slope - Double(wanted)) < 1e-3, "number \(index)")
        }
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
