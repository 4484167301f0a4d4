import Foundation
package import Tensors

/// What masks made of prompts say of one labelled view, with gradients in closed form.
///
/// Letters: HW cells of unit features F, C classes; A the sum of the segmentation prompts' unit vectors of each class, T₀ the
/// global prompt's. Z = τ₁·F·Aᵀ is one softmax over classes per cell; the gate g of `GlobalGate` multiplies it, and the
/// product is not normalised again. As only the sum of the prompts counts, each of them has the gradient of A.
/// - SeeAlso: Guo et al. 2023 (MVP-SEG), arXiv:2304.06957.
package struct MaskLoss: Sendable, Hashable {
    /// How the gate is told which classes a view has.
    package enum Classification: String, Codable, Sendable, CaseIterable {
        /// Binary cross entropy of all classes, averaged: absent ones are to be shut.
        case bce
        /// The published form: only present classes are rewarded, so a gate that is always open costs nothing.
        case positive
    }

    package var segmentationWeight: Double
    package var classificationWeight: Double
    package var classification: Classification
    /// Without a gate there is nothing to classify by.
    package var isGated: Bool
    /// γ
    package var sharpness: Double

    package init(
        segmentationWeight: Double = 1,
        classificationWeight: Double = 1,
        classification: Classification = .bce,
        isGated: Bool = true,
        sharpness: Double = 100
    ) {
        (self.segmentationWeight, self.classificationWeight) = (segmentationWeight, classificationWeight)
        (self.classification, self.isGated, self.sharpness) = (classification, isGated, sharpness)
    }

    /// The trained side of the comparison, without history.
    package struct Texts {
        /// A, `[C, E]`
        package let fused: Tensor
        /// T₀, `[C, E]`
        package let global: Tensor
        /// θ₁ = ln τ₁ and θ₂ = ln τ₂
        package let logScale: Double
        package let logTemperature: Double

        /// - Parameter features: `[1 + k, C, E]`, unit rows, the global prompt's first.
        package init(_ features: Tensor, logScale: Double, logTemperature: Double) {
            precondition(features.shape.rank == 3 && features.shape[0] >= 2, "a global prompt and another at least")
            let features = features.detached()
            func prompt(_ index: Int) -> Tensor {
                features.sliced(axis: 0, index..<index + 1).reshaped(to: [features.shape[1], features.shape[2]])
            }
            fused = (2..<max(features.shape[0], 2)).reduce(prompt(1)) { $0 + prompt($1) }
            global = prompt(0)
            (self.logScale, self.logTemperature) = (logScale, logTemperature)
        }

        package var classes: Int { fused.shape[0] }
    }

    /// Of one view: losses, and gradients of their weighed sum.
    package struct Share {
        /// Not weighed.
        package var segmentation = 0.0
        package var classification = 0.0
        /// With respect to A, and so to each segmentation prompt's vectors: `[C, E]`.
        package var fused: [Float] = []
        /// With respect to T₀; empty without a gate.
        package var global: [Float] = []
        package var logScale = 0.0
        package var logTemperature = 0.0
        /// Labelled cells or pixels, and those among them that the masks get right.
        package var cells = 0
        package var hits = 0
        /// Σg over classes that the view has and that it has not, with how many these are; empty without a gate.
        package var presentGates = (sum: 0.0, count: 0)
        package var absentGates = (sum: 0.0, count: 0)
        /// dL/ds, for tests.
        package var scores: [Double] = []
    }

    /// - Parameters:
    ///   - features: F, `[HW, E]`, without history.
    ///   - labels: of the cells, −1 for those without; of the pixels where there is a side.
    ///   - side: of a square grid of pixels that Z of a square grid of cells is brought up to, bilinearly; nil for a loss of the
    ///     cells themselves.
    /// - Returns: nil where nothing has a label.
    package func share(of features: Tensor, labels: [Int], _ texts: Texts, upsampledTo side: Int? = nil) -> Share? {
        precondition(features.shape.rank == 2, "one row of features a cell")
        precondition(labels.count == side.map { $0 * $0 } ?? features.shape[0], "one label a cell, or a pixel")
        let labelled = labels.indices.filter { labels[$0] >= 0 }
        guard !labelled.isEmpty else { return nil }
        let classes = texts.classes
        let globalCosines = isGated ? features.linear(weight: texts.global).floats : []
        let gate =
            isGated
            ? GlobalGate(
                cosines: globalCosines,
                classes: classes,
                sharpness: sharpness,
                temperature: exp(texts.logTemperature)
            ) : nil
        var share = Share()
        share.cells = labelled.count
        var scores = [Double](repeating: 0, count: isGated ? classes : 0)
        let segmentation = SegmentationLoss(
            gate: gate,
            weight: segmentationWeight,
            scale: exp(texts.logScale),
            labelled: labelled.count,
            classes: classes
        )
        segmentation.add(features, labels, texts.fused, side: side, to: &share, &scores)
        if let gate {
            classify(labels, labelled, gate, &share, &scores)
            addGlobalGradient(features, globalCosines, gate, scores, &share)
        }
        share.scores = scores
        return share
    }

    private func classify(
        _ labels: [Int],
        _ labelled: [Int],
        _ gate: GlobalGate,
        _ share: inout Share,
        _ scores: inout [Double]
    ) {
        let present = Set(labelled.map { labels[$0] })
        let (logGates, logComplements) = (gate.logGates, gate.logComplements)
        let classes = Double(scores.count)
        for c in scores.indices {
            let isPresent = present.contains(c)
            if isPresent {
                share.presentGates = (share.presentGates.sum + gate.gates[c], share.presentGates.count + 1)
            } else {
                share.absentGates = (share.absentGates.sum + gate.gates[c], share.absentGates.count + 1)
            }
            switch classification {
            case .bce:
                share.classification -= (isPresent ? logGates[c] : logComplements[c]) / classes
                scores[c] += classificationWeight * (gate.gates[c] - (isPresent ? 1 : 0)) / (classes * gate.temperature)
            case .positive where isPresent:
                share.classification -= logGates[c]
                scores[c] -= classificationWeight * (1 - gate.gates[c]) / gate.temperature
            case .positive: break
            }
        }
    }

    /// dL/dM₀[p, c] = ds_c · a_c(p) · (1 + γ(M₀[p, c] − s_c)), and dL/dθ₂ = −Σ ds_c · s_c.
    private func addGlobalGradient(
        _ features: Tensor,
        _ cosines: [Float],
        _ gate: GlobalGate,
        _ scores: [Double],
        _ share: inout Share
    ) {
        let (classes, cells) = (scores.count, features.shape[0])
        var slopes = [Float](repeating: 0, count: classes * cells)  // [C, HW]
        for c in 0..<classes {
            for p in 0..<cells {
                let place = p * classes + c
                let pull = 1 + sharpness * (Double(cosines[place]) - gate.scores[c])
                slopes[c * cells + p] = Float(scores[c] * gate.weights[place] * pull)
            }
            share.logTemperature -= scores[c] * gate.scores[c]
        }
        share.global = Tensor(slopes, [classes, cells], on: features.backend).matmul(features).floats
    }
}
