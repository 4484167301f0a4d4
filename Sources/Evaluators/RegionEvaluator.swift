package import Datasets
package import Images
package import Layers
package import Models
import Objectives
package import Tensors

/// Measures what dense features know about regions: do they agree with the crop's embedding, find it among others, and
/// bear the region's name?
///
/// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 4.2, for the mean accuracy of boxes and masks.
package struct RegionEvaluator {
    package let configuration: Configuration
    private let student: VisionTransformer
    private let teacher: VisionTransformer
    private let backend: any Backend

    /// - Parameters:
    ///   - student: weights whose dense features are measured.
    ///   - teacher: weights that embed the crops; the student's own to measure a model on its own terms.
    /// - Throws: `EvaluatorsError.studentSize` for a size that patches do not divide.
    package init(
        _ configuration: Configuration,
        tower: VisionTransformer.Configuration,
        student: ParameterTree,
        teacher: ParameterTree,
        on backend: any Backend
    ) throws {
        guard configuration.studentSize > 0, configuration.studentSize % tower.patchSize == 0 else {
            throw EvaluatorsError.studentSize(configuration.studentSize, patchSize: tower.patchSize)
        }
        self.configuration = configuration
        self.student = try VisionTransformer(ParameterScope(TreeSource(student)), tower)
        self.teacher = try VisionTransformer(ParameterScope(TreeSource(teacher)), tower)
        self.backend = backend
    }

    /// Evaluates every picture of a dataset, one at a time.
    ///
    /// - Parameters:
    ///   - annotations: names and outlines; without it there are no classes and no masks.
    ///   - classes: what regions are compared with; nil leaves classification out.
    ///   - progress: called after every picture with how many are done.
    package func evaluate(
        _ dataset: Dataset,
        annotations: RegionAnnotations? = nil,
        classes: ClassEmbeddings? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws -> RegionEvaluation {
        var tally = RegionTally(classCount: classes?.count ?? 0)
        let labels = try labels(of: dataset, annotations, classes)
        let table = classes.map { Tensor($0.vectors, [$0.count, $0.size], on: backend) }
        for sample in dataset.index.samples {
            try Task.checkCancellation()
            switch try await dataset.load(sample.id) {
            case .bad(let sample): tally.badImages.append(sample.key)
            case .loaded(let loaded):
                let boxes = chosen(sample.boxes)
                tally.skippedRegions += sample.boxes.count - boxes.count
                tally.images += 1
                guard !boxes.isEmpty else { continue }
                let features = RegionFeatures(
                    of: loaded.image,
                    boxes,
                    annotations: annotations?.hasOutlines == true ? annotations : nil,
                    configuration,
                    student: student,
                    teacher: teacher,
                    on: backend
                )
                tally.add(features)
                if let table {
                    tally.classify(features, labels: boxes.compactMap { labels[$0.categoryID] }, against: table)
                }
            }
            progress(Int(sample.id) + 1)
        }
        return try tally.result(dataset: dataset.root.name, on: backend)
    }

    /// How alike each cell's feature and the embedding of a box's crop are.
    package func similarity(to box: AnnotationBox, in image: Image) -> SimilarityMap {
        let view = StudentView(of: image, size: configuration.studentSize)
        let dense = student.denseFeatures(Image.normalized([view.image], on: backend))
        let crop = CropRectangle(
            box,
            scale: configuration.cropScale,
            imageWidth: image.width,
            imageHeight: image.height
        )
        let picture = TeacherCrop.image(of: image, crop, size: teacher.configuration.imageHeight)
        let embedding = teacher.encodeImage(Image.normalized([picture], on: backend)).l2Normalized()
        let tokens = dense.tokens.reshaped(to: [dense.rows * dense.columns, dense.tokens.shape[2]])
        return SimilarityMap(
            grid: Grid(rows: dense.rows, columns: dense.columns),
            cosines: tokens.linear(weight: embedding, bias: nil).floats,
            view: view.image,
            contentWidth: min(view.image.width, Int((Double(image.width) * view.geometry.scale).rounded())),
            contentHeight: min(view.image.height, Int((Double(image.height) * view.geometry.scale).rounded()))
        )
    }

    /// Regions that are looked at: fit boxes of single objects, in file order, up to the limit.
    private func chosen(_ boxes: [AnnotationBox]) -> [AnnotationBox] {
        let smallest = configuration.minimumSide * configuration.minimumSide
        let largest = configuration.maximumSide * configuration.maximumSide
        let fit = boxes.filter { !$0.isCrowd && (smallest...largest).contains($0.width * $0.height) }
        return Array(fit.prefix(configuration.regionsPerImage))
    }

    private func labels(
        of dataset: Dataset,
        _ annotations: RegionAnnotations?,
        _ classes: ClassEmbeddings?
    ) throws(EvaluatorsError) -> [Int64: Int] {
        guard let classes else { return [:] }
        let size = student.configuration.embeddingSize
        guard classes.size == size else { throw .wrongEmbeddingSize(expected: size, found: classes.size) }
        let categories = Set(dataset.index.samples.flatMap { chosen($0.boxes).map(\.categoryID) })
        guard let annotations else { throw .unknownClasses(categories.sorted().map { "category \($0)" }) }
        return try annotations.classes(of: categories, in: classes)
    }
}
