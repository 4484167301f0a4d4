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
    private let readings: [DenseReading]
    private let teacher: VisionTransformer
    private let backend: any Backend

    /// - Parameters:
    ///   - readings: what is measured, all of it against the same crops, which are embedded once.
    ///   - teacher: weights that embed the crops; the student's own to measure a model on its own terms.
    package init(
        _ configuration: Configuration,
        tower: VisionTransformer.Configuration,
        readings: [DenseReading],
        teacher: ParameterTree,
        on backend: any Backend
    ) throws {
        self.configuration = configuration
        self.readings = readings
        self.teacher = try VisionTransformer(ParameterScope(TreeSource(teacher)), tower)
        self.backend = backend
    }

    /// Evaluates every picture of a dataset, one at a time.
    ///
    /// - Parameters:
    ///   - annotations: names and outlines; without it there are no classes and no masks.
    ///   - classes: what regions are compared with; nil leaves classification out.
    ///   - progress: called after every picture with how many are done.
    /// - Returns: of each reading what was found, in their order.
    package func evaluate(
        _ dataset: Dataset,
        annotations: RegionAnnotations? = nil,
        classes: ClassEmbeddings? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws -> [RegionEvaluation] {
        var tally = RegionTally(sizes: readings.map(\.size), classCount: classes?.count ?? 0)
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
                let naming = table.map { (table: $0, labels: boxes.compactMap { labels[$0.categoryID] }) }
                tally.add(crops(of: boxes, in: loaded.image), naming)
                for (index, reading) in readings.enumerated() {
                    let features = RegionFeatures(
                        of: loaded.image,
                        boxes,
                        annotations: annotations?.hasOutlines == true ? annotations : nil,
                        antialias: configuration.maskAntialias,
                        by: reading,
                        on: backend
                    )
                    tally.add(features, naming, of: index)
                }
            }
            progress(Int(sample.id) + 1)
        }
        return try tally.results(dataset: dataset.root.name, on: backend)
    }

    /// How alike each cell's feature and the embedding of a box's crop are; a map of each reading.
    package func similarities(to box: AnnotationBox, in image: Image) -> [SimilarityMap] {
        let embedding = crops(of: [box], in: image)
        return readings.map { reading in
            let (view, dense) = reading.features(of: image, on: backend)
            let tokens = dense.tokens.reshaped(to: [dense.rows * dense.columns, dense.tokens.shape[2]])
            return SimilarityMap(
                grid: Grid(rows: dense.rows, columns: dense.columns),
                cosines: tokens.linear(weight: embedding, bias: nil).floats,
                view: view.image,
                contentWidth: min(view.image.width, Int((Double(image.width) * view.geometry.scale).rounded())),
                contentHeight: min(view.image.height, Int((Double(image.height) * view.geometry.scale).rounded()))
            )
        }
    }

    /// The teacher's embedding of each box's crop, `[R, E]`, unit rows.
    private func crops(of boxes: [AnnotationBox], in image: Image) -> Tensor {
        let side = teacher.configuration.imageHeight
        let pictures = boxes.map { box in
            let crop = CropRectangle(
                box,
                scale: configuration.cropScale,
                imageWidth: image.width,
                imageHeight: image.height
            )
            return TeacherCrop.image(of: image, crop, size: side)
        }
        let passes = stride(from: 0, to: pictures.count, by: configuration.cropBatch).map { first in
            let part = pictures[first..<min(first + configuration.cropBatch, pictures.count)]
            return teacher.encodeImage(Image.normalized(part, on: backend)).l2Normalized()
        }
        return passes.count == 1 ? passes[0] : Tensor.concatenated(passes, axis: 0)
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
        let size = teacher.configuration.embeddingSize
        guard classes.size == size else { throw .wrongEmbeddingSize(expected: size, found: classes.size) }
        let categories = Set(dataset.index.samples.flatMap { chosen($0.boxes).map(\.categoryID) })
        guard let annotations else { throw .unknownClasses(categories.sorted().map { "category \($0)" }) }
        return try annotations.classes(of: categories, in: classes)
    }
}
