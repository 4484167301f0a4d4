import Foundation
import Tensors

/// Shares of views added up, in double precision and in the order of the views.
struct MaskLossSum {
    private let loss: MaskLoss
    private let texts: MaskLoss.Texts
    private(set) var images = 0
    private(set) var logScale = 0.0
    private(set) var logTemperature = 0.0
    private var segmentation = 0.0
    private var classification = 0.0
    private var cells = 0
    private var hits = 0
    private var presentGates = (sum: 0.0, count: 0)
    private var absentGates = (sum: 0.0, count: 0)
    private var fused: [Double]
    private var global: [Double]

    init(_ loss: MaskLoss, _ texts: MaskLoss.Texts) {
        (self.loss, self.texts) = (loss, texts)
        fused = [Double](repeating: 0, count: texts.fused.shape.count)
        global = fused
    }

    mutating func add(_ share: MaskLoss.Share) {
        images += 1
        logScale += share.logScale
        logTemperature += share.logTemperature
        segmentation += share.segmentation
        classification += share.classification
        cells += share.cells
        hits += share.hits
        presentGates = (presentGates.sum + share.presentGates.sum, presentGates.count + share.presentGates.count)
        absentGates = (absentGates.sum + share.absentGates.sum, absentGates.count + share.absentGates.count)
        for (index, number) in share.fused.enumerated() { fused[index] += Double(number) }
        for (index, number) in share.global.enumerated() { global[index] += Double(number) }
    }

    /// λ₁·ΣL_seg + λ₂·ΣL_cls
    var total: Double { loss.segmentationWeight * segmentation + loss.classificationWeight * classification }

    /// With respect to all prompts' vectors, `[1 + k, C, E]`: the global one's, then k times the same.
    func features(prompts: Int) -> [Float] {
        let shared = fused.map { Float($0) }
        return global.map { Float($0) } + (0..<prompts).flatMap { _ in shared }
    }

    var terms: [LossTerm] {
        let count = Double(images)
        var terms = [
            LossTerm(name: "loss", sum: total, count: images),
            LossTerm(name: "segmentation", sum: segmentation, count: images),
            LossTerm(name: "cell_accuracy", sum: Double(hits), count: cells),
            LossTerm(name: "logit_scale", sum: exp(texts.logScale) * count, count: images),
        ]
        if loss.isGated {
            terms += [
                LossTerm(name: "classification", sum: classification, count: images),
                LossTerm(name: "gate_temperature", sum: exp(texts.logTemperature) * count, count: images),
                LossTerm(name: "gate_present", sum: presentGates.sum, count: presentGates.count),
                LossTerm(name: "gate_absent", sum: absentGates.sum, count: absentGates.count),
            ]
        }
        return terms
    }
}
