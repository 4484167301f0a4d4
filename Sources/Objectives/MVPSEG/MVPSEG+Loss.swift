import Datasets
package import Images
package import Layers
import Models
package import Tensors

extension MVPSEG {
    /// Tokens of a pass through the image tower; it bounds memory and changes no bit.
    private static let tokensPerPass = 8192

    /// The frozen tower's dense features of each view.
    ///
    /// - Parameter teacher: whoever has the image tower, which never changes.
    /// - Returns: `[views · cells, E]`, unit rows without history; nil for no views.
    package func targets(of shown: [Image], teacher: ParameterTree?, on backend: any Backend) throws -> Tensor? {
        guard !shown.isEmpty else { return nil }
        guard let teacher else { throw ObjectivesError.missingTeacher(objective: "mvpseg") }
        let tower = try VisionTransformer(ParameterScope(TreeSource(teacher)), vision)
        let readout = try DenseReadout(configuration.readout)
        let batch = max(1, Self.tokensPerPass / cellCount)
        let parts = stride(from: 0, to: shown.count, by: batch).map { start in
            let images = shown[start..<min(start + batch, shown.count)]
            let pixels = Image.normalized(images, on: backend)
            let features = tower.denseFeatures(pixels, readout: readout).tokens.detached()
            return features.reshaped(to: [images.count * cellCount, vision.embeddingSize])
        }
        return parts.count == 1 ? parts[0] : Tensor.concatenated(parts, axis: 0)
    }

    /// The sum over views that have a label; the text tower runs once for all of them, forwards and backwards.
    package func loss(
        of views: [Views],
        targets: Tensor?,
        in context: LossContext,
        student: ParameterTree,
        on backend: any Backend
    ) throws -> ObjectiveLoss {
        // All of them before any is used; kept as they come, as those of pixels are many.
        let labelled = try views.map { try self.labels(of: $0).contains { $0 >= 0 } }
        guard let targets, labelled.contains(true) else {
            return ObjectiveLoss(total: nil, units: 0, terms: [])
        }
        let scope = ParameterScope(TreeSource(student))
        let prompts = try Prompts(scope, self)
        let learner = PromptLearner(
            try TextTransformer(scope, text),
            nameBatch: configuration.classBatch,
            sharesPrefix: configuration.sharesPrefix
        )
        let features = learner.features(contexts: prompts.contexts, names: names)  // [1 + k, C, E]
        let texts = MaskLoss.Texts(
            features,
            logScale: Double(prompts.logScale.scalar),
            logTemperature: Double(prompts.logTemperature.scalar)
        )
        var sum = MaskLossSum(maskLoss, texts)
        let side = configuration.labels == .up ? configuration.viewSize : nil
        for (index, view) in views.enumerated() where labelled[index] {
            let rows = targets.sliced(axis: 0, index * cellCount..<(index + 1) * cellCount)
            let labels = try self.labels(of: view)
            if let share = maskLoss.share(of: rows, labels: labels, texts, upsampledTo: side) { sum.add(share) }
        }
        let total = Tensor.scalar(
            sum.total,
            on: backend,
            withGradients: [
                (features, Tensor(sum.features(prompts: configuration.prompts), features.shape, on: backend)),
                (prompts.logScale, Tensor([Float(sum.logScale)], [], on: backend)),
                (prompts.logTemperature, Tensor([Float(sum.logTemperature)], [], on: backend)),
            ]
        )
        return ObjectiveLoss(total: total, units: sum.images, terms: sum.terms)
    }

    /// Places among the seen classes, −1 for cells without a label.
    ///
    /// - Throws: `ObjectivesError.unseenLabel`: it would be a result worth nothing.
    private func labels(of views: Views) throws(ObjectivesError) -> [Int] {
        var labels: [Int] = []
        for cell in views.cells {
            let place = seenPlaces[Int(cell)]
            guard place >= 0 || Int(cell) >= LabelMap.maximumClassCount else {
                throw .unseenLabel(sample: views.sample, label: Int(cell))
            }
            labels.append(place)
        }
        return labels
    }
}
