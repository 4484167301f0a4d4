import Foundation
package import Images
package import Layers
import Models
package import Tensors

extension SILC {
    /// The teacher's cosines with every prototype: one row a global view.
    ///
    /// - Returns: `[views, K]` without history; nil for no views.
    package func targets(
        of globals: [Image],
        teacher: ParameterTree?,
        on backend: any Backend
    ) throws -> Tensor? {
        guard configuration.distils, !globals.isEmpty else { return nil }
        guard let teacher else { throw ObjectivesError.missingTeacher(objective: "silc") }
        let scope = ParameterScope(TreeSource(teacher))
        let tower = try VisionTransformer(scope, model.vision)
        let head = try DistillationHead(scope, head)
        return head(tower.encodeImage(Image.normalized(globals[...], on: backend))).detached()
    }

    /// The sum over pairs of both losses; that of the contrastive one is the set's mean loss, times the pairs of the set,
    /// of which each graph has its own pairs' share.
    package func loss(
        of views: [Views],
        targets: Tensor?,
        in context: LossContext,
        student: ParameterTree,
        on backend: any Backend
    ) throws -> ObjectiveLoss {
        let towers = try Towers(self, ParameterScope(TreeSource(student)))
        let pictures = towers.clip.vision.encodeImage(textPictures(of: views, on: backend))
        return try loss(of: views, targets: targets, in: context, towers, pictures, on: backend)
    }

    /// The same for whoever has encoded the pictures already.
    ///
    /// - Parameter pictures: what the student makes of `textPictures(of:)`, not normalised.
    func loss(
        of views: [Views],
        targets: Tensor?,
        in context: LossContext,
        _ towers: Towers,
        _ pictures: Tensor,
        on backend: any Backend
    ) throws -> ObjectiveLoss {
        let embeddings = embeddings(of: views, towers, pictures, on: backend)
        let contrast = try contrast(embeddings, views, context.peers, towers, on: backend)
        var loss = ObjectiveLoss(total: contrast.total, units: views.count, terms: contrast.terms)
        if configuration.distils, let targets, let head = towers.head {
            let distillation = distillation(of: views, targets, context.centre, towers.clip.vision, head, on: backend)
            loss.total = contrast.total + distillation.total
            loss.terms += distillation.terms
            loss.statistics = distillation.statistics + embeddingStatistics(embeddings)
        }
        let sum = loss.total.map { Double($0.scalar) } ?? 0
        loss.terms.insert(LossTerm(name: "loss", sum: sum, count: views.count), at: 0)
        return loss
    }

    // MARK: Contrast

    /// Unit rows of a graph's samples: `[n, D]` for each view that captions are matched to, and for the captions.
    struct Embeddings {
        var images: [Tensor]
        var texts: Tensor
    }

    /// The pictures that captions are matched to, view by view, so that the rows of a view lie together: one batch all the
    /// same, `[views·n, 3, S, S]`.
    func textPictures(of views: [Views], on backend: any Backend) -> Tensor {
        let shown = views.map { textViews(of: $0) }
        let batch = (0..<configuration.textViewCount).flatMap { view in shown.map { $0[view] } }
        return Image.normalized(batch[...], on: backend)
    }

    func embeddings(
        of views: [Views],
        _ towers: Towers,
        _ pictures: Tensor,
        on backend: any Backend
    ) -> Embeddings {
        let images = pictures.l2Normalized()  // [views·n, D]
        let texts = towers.clip.text.encodeText(views.map(\.tokens), on: backend).l2Normalized()  // [n, D]
        return Embeddings(
            images: (0..<configuration.textViewCount).map { view in
                images.sliced(axis: 0, view * views.count..<(view + 1) * views.count)
            },
            texts: texts
        )
    }

    /// Each view has a matrix of its own, so that negatives stay B − 1; their losses are averaged.
    private func contrast(
        _ embeddings: Embeddings,
        _ views: [Views],
        _ peers: PeerSet?,
        _ towers: Towers,
        on backend: any Backend
    ) throws -> (total: Tensor, terms: [LossTerm]) {
        let set = try ContrastiveSet(embeddings, views, peers, on: backend)
        let (logScale, bias) = (towers.clip.logitScale.scalar, towers.clip.logitBias?.scalar ?? 0)
        let shares = set.images.map { images in
            ContrastiveLoss(configuration.contrastive).share(
                images: images,
                texts: set.texts,
                logScale: logScale,
                bias: bias,
                own: set.own,
                isNegative: configuration.masksDuplicates ? set.isNegative : { _, _ in true }
            )
        }
        // The set's mean loss times its pairs, averaged over the views.
        let scale = Double(set.count) / Double(shares.count)
        let factor = Float(configuration.contrastiveWeight * scale)
        func scaled(_ gradient: [Float], _ shape: Shape) -> Tensor {
            Tensor(gradient, shape, on: backend).scaled(by: factor)
        }
        var gradients = zip(embeddings.images, shares).map { ($0, scaled($1.images, $0.shape)) }
        gradients += shares.map { (embeddings.texts, scaled($0.texts, embeddings.texts.shape)) }
        gradients.append((towers.clip.logitScale, scaled([Float(shares.reduce(0) { $0 + $1.logScale })], [])))
        if let bias = towers.clip.logitBias {
            gradients.append((bias, scaled([Float(shares.reduce(0) { $0 + $1.bias })], [])))
        }
        let sum = scale * shares.reduce(0) { $0 + $1.loss }
        let hits = Double(shares.reduce(0) { $0 + $1.hits }) / Double(shares.count)
        let count = views.count
        var terms = [
            LossTerm(name: "contrastive", sum: sum, count: count),
            LossTerm(name: "contrastive_accuracy", sum: hits, count: count),
            LossTerm(name: "logit_scale", sum: exp(Double(logScale)) * Double(count), count: count),
        ]
        if towers.clip.logitBias != nil {
            terms.append(LossTerm(name: "logit_bias", sum: Double(bias) * Double(count), count: count))
        }
        return (Tensor.scalar(configuration.contrastiveWeight * sum, on: backend, withGradients: gradients), terms)
    }

    // MARK: Distillation

    private func distillation(
        of views: [Views],
        _ targets: Tensor,
        _ centre: [Float],
        _ tower: VisionTransformer,
        _ head: DistillationHead,
        on backend: any Backend
    ) -> (total: Tensor, terms: [LossTerm], statistics: [Float]) {
        let rule = SelfDistillationLoss(
            studentTemperature: configuration.studentTemperature,
            teacherTemperature: configuration.teacherTemperature
        )
        let (globals, locals) = (configuration.views.global.count, configuration.views.local.count)
        let target = rule.target(targets, centre: Tensor(centre, [centre.count], on: backend), globals: globals)
        let shown = views.flatMap(\.pictures.locals)
        let cosines = head(tower.encodeImage(Image.normalized(shown[...], on: backend)))  // [n·locals, K]
        let losses = rule(cosines, to: target)
        let sum = losses.floats.reduce(0.0) { $0 + Double($1) } / Double(locals)
        return (
            losses.sum().scaled(by: Float(configuration.distillationWeight / Double(locals))),
            [
                LossTerm(name: "self_distillation", sum: sum, count: views.count),
                LossTerm(
                    name: "teacher_entropy",
                    sum: target.entropySum / Double(globals),
                    count: views.count
                ),
            ],
            teacherStatistics(targets, target)
        )
    }
}
