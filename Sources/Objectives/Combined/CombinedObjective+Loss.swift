import Images
package import Layers
import Models
package import Tensors

extension CombinedObjective {
    /// What the teacher says, one after the other: its cosines with the prototypes for all global views, then its
    /// embeddings of all crops; `[globals · K + crops · D]`, since rows of the two have different lengths.
    package func targets(
        of shown: [TeacherView],
        teacher: ParameterTree?,
        on backend: any Backend
    ) throws -> Tensor? {
        guard let teacher else { throw ObjectivesError.missingTeacher(objective: "combined") }
        let globals = shown.compactMap { if case .global(let image) = $0 { image } else { nil } }
        let crops = shown.compactMap { if case .crop(let image) = $0 { image } else { nil } }
        var parts: [Tensor] = []
        if let cosines = try silc.targets(of: globals, teacher: teacher, on: backend) { parts.append(cosines) }
        if !crops.isEmpty {
            let tower = try VisionTransformer(ParameterScope(TreeSource(teacher)), silc.model.vision)
            parts.append(tower.encodeImage(Image.normalized(crops[...], on: backend)).l2Normalized().detached())
        }
        let flat = parts.map { $0.reshaped(to: [$0.shape.count]) }
        return flat.isEmpty ? nil : Tensor.concatenated(flat, axis: 0)
    }

    package func loss(
        of views: [Views],
        targets: Tensor?,
        in context: LossContext,
        student: ParameterTree,
        on backend: any Backend
    ) throws -> ObjectiveLoss {
        guard let targets else { return ObjectiveLoss(total: nil, units: 0, terms: []) }
        let towers = try SILC.Towers(silc, ParameterScope(TreeSource(student)))
        let captioned = views.map(\.silc)
        let (globals, prototypes) = (views.count * silc.configuration.views.global.count, silc.configuration.prototypes)
        let split = globals * prototypes
        let cosines = targets.sliced(axis: 0, 0..<split).reshaped(to: [globals, prototypes])
        let regionCount = views.reduce(0) { $0 + $1.regions.count }
        let embeddings = targets.sliced(axis: 0, split..<targets.shape.count)
            .reshaped(to: [regionCount, silc.model.vision.embeddingSize])

        // The first global views lie at the front of the batch.
        let pictures = silc.textPictures(of: captioned, on: backend)
        let features = towers.clip.vision.features(pictures, dense: 0..<views.count)
        var loss = try silc.loss(of: captioned, targets: cosines, in: context, towers, features.embeddings, on: backend)
        let regions = regionLoss(of: views, features.dense, embeddings, on: backend)
        loss.total = loss.total.map { $0 + regions.total.scaled(by: Float(configuration.clipself.weight)) }
        loss.terms[0].sum += configuration.clipself.weight * regions.sum
        loss.terms.append(LossTerm(name: "cosine_distance", sum: regions.sum, count: views.count))
        return loss
    }

    /// Σ over pictures of the mean cosine distance of their regions.
    private func regionLoss(
        of views: [Views],
        _ dense: DenseFeatures,
        _ targets: Tensor,
        on backend: any Backend
    ) -> (total: Tensor, sum: Double) {
        let cells = views.enumerated().flatMap { index, view in
            let side = view.silc.pictures.globals[0].width
            let geometry = StudentGeometry(width: side, height: side, size: side)
            return view.regions.map { geometry.cells($0.studentBox, grid: dense.grid, imageIndex: index) }
        }
        let shares = views.flatMap { view in view.regions.map { _ in 1 / Float(view.regions.count) } }
        let pooled = dense.tokens.roiAligned(cells, rows: dense.rows, columns: dense.columns)
        let cosines = pooled.l2Normalized().rowDots(targets)  // [R]
        let weighed = cosines * Tensor(shares, [shares.count], on: backend)
        let sum = zip(cosines.floats, shares).reduce(0.0) { $0 + Double(1 - $1.0) * Double($1.1) }
        return (weighed.sum().scaled(by: -1), sum)
    }
}
