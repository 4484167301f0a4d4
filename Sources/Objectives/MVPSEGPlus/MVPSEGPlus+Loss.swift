import Datasets
import Foundation
package import Images
package import Layers
import Models
package import Tensors

extension MVPSEGPlus {
    /// The initial encoder's dense features of each view, `[views · cells, E]`; or the logits of the student's average,
    /// `[views · 4 · cells, C]`, where that teaches.
    ///
    /// - Returns: rows without history; nil for no views.
    package func targets(of shown: [Image], teacher: ParameterTree?, on backend: any Backend) throws -> Tensor? {
        guard !shown.isEmpty else { return nil }
        guard let teacher else { throw ObjectivesError.missingTeacher(objective: "mvpseg-plus") }
        let asked = try Parts(self, ParameterScope(TreeSource(teacher)))
        let batch = configuration.studentBatch
        let parts = stride(from: 0, to: shown.count, by: batch).flatMap { start -> [Tensor] in
            let images = shown[start..<min(start + batch, shown.count)]
            let (features, tokens) = asked.tower
                .denseFeaturesAndTokens(Image.normalized(images, on: backend), readout: readout)
            return (0..<images.count).map { index -> Tensor in
                let own = rows(index, of: features.tokens)
                guard averages else { return own.detached() }
                return asked.decoder(tokens: rows(index, of: tokens), features: own, grid: grid)
                    .linear(weight: asked.classifier)
                    .scaled(by: exp(asked.decoder.logScale.scalar)).detached()
            }
        }
        return parts.count == 1 ? parts[0] : Tensor.concatenated(parts, axis: 0)
    }

    /// Of one picture of a batch, `[N, …]`.
    private func rows(_ index: Int, of map: Tensor) -> Tensor {
        map.sliced(axis: 0, index..<index + 1).reshaped(to: [grid.count, map.shape[2]])
    }

    /// The sum over views that have a label, each the mean over its labelled pixels.
    package func loss(
        of views: [Views],
        targets: Tensor?,
        in context: LossContext,
        student: ParameterTree,
        on backend: any Backend
    ) throws -> ObjectiveLoss {
        for view in views { try check(view) }
        guard !views.isEmpty else { return ObjectiveLoss(total: nil, units: 0, terms: []) }
        let parts = try Parts(self, ParameterScope(TreeSource(student)))
        let pixels = Image.normalized(views.map(\.picture)[...], on: backend)
        let (features, tokens) = parts.tower.denseFeaturesAndTokens(pixels, readout: readout)
        let classifier = parts.classifier
        let scale = exp(Double(parts.decoder.logScale.scalar))
        var sum = DenseLossSum(scale: scale)
        var gradients: [(tensor: Tensor, gradient: Tensor)] = []
        let asked = views.reduce(0) { $0 + targetCount(of: $1) }
        var target = 0
        for (index, view) in views.enumerated() {
            let own = rows(index, of: features.tokens)
            var said: Tensor?
            if targetCount(of: view) > 0, let targets {
                let count = targets.shape[0] / asked
                said = targets.sliced(axis: 0, target * count..<(target + 1) * count)
                target += 1
            }
            let cosines = parts.decoder(tokens: rows(index, of: tokens), features: own, grid: grid)
                .linear(weight: classifier)  // [4·N, C]
            let logits = fineLogits(cosines.floats, scale: scale)
            let labels = labels(of: view, student: logits, features: own, said: said, parts.classes)
            guard let share = PixelCrossEntropy.share(of: logits, labels: labels.labels) else { continue }
            sum.add(share, labels, isGuided: view.isGuided, logits: logits)
            let slopes = share.gradient.map { Float(scale * $0) }
            gradients.append((cosines, Tensor(slopes, cosines.shape, on: backend)))
        }
        guard sum.images > 0 else { return ObjectiveLoss(total: nil, units: 0, terms: []) }
        gradients.append((parts.decoder.logScale, Tensor([Float(sum.logScale)], [], on: backend)))
        let total = Tensor.scalar(sum.total, on: backend, withGradients: gradients)
        return ObjectiveLoss(total: total, units: sum.images, terms: sum.terms)
    }

    /// Patches of a view.
    private var grid: Grid {
        let side = configuration.viewSize / vision.patchSize
        return Grid(rows: side, columns: side)
    }

    /// - Throws: `ObjectivesError.unseenLabel`: with a single one the run's scores would be worth nothing.
    private func check(_ view: Views) throws(ObjectivesError) {
        let unseen = classes.unseen
        for label in Set(view.labels).sorted() where unseen.contains(Int(label)) {
            throw .unseenLabel(sample: view.sample, label: Int(label))
        }
    }

    /// Logits on the doubled grid.
    private func fineLogits(_ values: [Float], scale: Double = 1) -> PixelLogits {
        let fine = DenseDecoder.refined(grid)
        return PixelLogits(values, scale: scale, classes: classes.count, grid: fine, side: configuration.viewSize)
    }

    /// A view's labels with the withheld ones guessed, by the prompts, by the student as it is, or by its average.
    ///
    /// - Parameters:
    ///   - features: of the student's own tower.
    ///   - said: what the teacher was asked for; nil where nobody was.
    private func labels(
        of view: Views,
        student: PixelLogits,
        features: Tensor,
        said: Tensor?,
        _ vectors: ClassVectors
    ) -> PseudoLabels.Result {
        guard view.hasWithheld else { return PseudoLabels.Result(labels: view.labels) }
        guard view.isGuided else {
            return pseudoLabels.labels(view.labels, by: said.map { fineLogits($0.floats) } ?? student)
        }
        let features = (said ?? features).detached()
        let logits = PixelLogits(
            features.linear(weight: vectors.segmentation).floats,
            scale: exp(Double(vectors.logScale.scalar)),
            classes: classes.count,
            grid: grid,
            side: configuration.viewSize
        )
        let gate = gateSharpness.map { sharpness in
            GlobalGate(
                cosines: features.linear(weight: vectors.global).floats,
                classes: classes.count,
                sharpness: sharpness,
                temperature: exp(Double(vectors.logTemperature.scalar))
            )
        }
        return pseudoLabels.labels(view.labels, by: logits, offsets: gate?.logGates ?? [])
    }
}
