package import Images
package import Layers
import Models
package import Tensors

extension CLIPSelf {
    package func targetCount(of views: Views) -> Int { views.regions.count }

    package func teacherViews(of views: Views, _ indices: [Int]) -> [Image] {
        indices.map { TeacherCrop.image(of: views.stored, views.regions[$0].crop, size: cropSize) }
    }

    /// What the teacher sees in crops, in passes of at most `teacher_batch`.
    ///
    /// - Returns: `[R, E]`, unit rows without history; nil for no crops.
    package func targets(
        of crops: [Image],
        teacher: ParameterTree?,
        on backend: any Backend
    ) throws -> Tensor? {
        guard let teacher else { throw ObjectivesError.missingTeacher(objective: "clipself") }
        guard !crops.isEmpty else { return nil }
        let tower = try VisionTransformer(ParameterScope(TreeSource(teacher)), tower)
        let batch = configuration.teacherBatch
        let passes = stride(from: 0, to: crops.count, by: batch).map { start in
            let pictures = Image.normalized(crops[start..<min(start + batch, crops.count)], on: backend)
            return tower.encodeImage(pictures).l2Normalized(epsilon: 1e-12).detached()  // [≤ batch, E]
        }
        return passes.count == 1 ? passes[0] : Tensor.concatenated(passes, axis: 0)
    }

    package func loss(
        of views: [Views],
        targets: Tensor?,
        in context: LossContext = LossContext(),
        student: ParameterTree,
        on backend: any Backend
    ) throws -> ObjectiveLoss {
        guard let targets else { return ObjectiveLoss(total: nil, units: 0, terms: []) }
        let pooled = try pooledFeatures(of: views, student: student, on: backend)
        let (total, distances) = CosineDistance.sum(pooled, targets)
        let sum = distances.reduce(0.0) { $0 + Double($1) }
        return ObjectiveLoss(
            total: total,
            units: distances.count,
            terms: [LossTerm(name: "cosine_distance", sum: sum, count: distances.count)]
        )
    }

    /// Dense features of the whole pictures, averaged over each region by RoIAlign: `[R, E]`, not normalised again.
    package func pooledFeatures(
        of views: [Views],
        student: ParameterTree,
        on backend: any Backend
    ) throws -> Tensor {
        let tower = try VisionTransformer(ParameterScope(TreeSource(student)), tower)
        let features = tower.denseFeatures(Image.normalized(views.map(\.student.image)[...], on: backend))
        let cells = views.enumerated().flatMap { index, view in
            view.regions.map { view.student.geometry.cells($0.studentBox, grid: features.grid, imageIndex: index) }
        }
        return features.tokens.roiAligned(cells, rows: features.rows, columns: features.columns)
    }
}
