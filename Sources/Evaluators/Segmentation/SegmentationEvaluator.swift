package import Datasets
import Images

/// Segments labelled pictures and counts which pixels were taken for what.
package struct SegmentationEvaluator {
    /// What a pass over a data set, or over a part of one, found. Matrices of parts add up exactly.
    package struct Result: Sendable {
        package var matrix: ConfusionMatrix
        package var images: Int
        /// Patches without direction, over all pictures.
        package var deadCells: Int
        package var unusable: [UnusablePicture]
    }

    private let segmenter: SemanticSegmenter
    private let classCount: Int

    /// - Parameter classCount: of the labels; a scorer may have one more, for background.
    package init(_ segmenter: SemanticSegmenter, classCount: Int) {
        self.segmenter = segmenter
        self.classCount = classCount
    }

    /// Looks at the samples of a data set in the given order.
    ///
    /// - Parameters:
    ///   - ids: nil for all.
    ///   - progress: called after every picture with how many are done, the unusable ones among them.
    /// - Returns: also where no picture could be used, which of a part of a data set is no error.
    /// - Throws: `EvaluatorsError.notFinite`; `DatasetError` for what lies in this machine rather than in a picture.
    package func evaluate(
        _ dataset: Dataset,
        _ ids: [Int64]? = nil,
        progress: (Int) -> Void = { _ in }
    ) async throws -> Result {
        let ids = ids ?? dataset.index.samples.map(\.id)
        var result = Result(matrix: ConfusionMatrix(classCount: classCount), images: 0, deadCells: 0, unusable: [])
        for (position, id) in ids.enumerated() {
            try Task.checkCancellation()
            switch try await load(id, of: dataset) {
            case .unusable(let picture): result.unusable.append(picture)
            case .loaded(let image, let labels, let key):
                guard min(image.width, image.height) >= SemanticSegmenter.smallestSide else {
                    let reason = EvaluatorsError.tinyPicture(width: image.width, height: image.height)
                    result.unusable.append(UnusablePicture(key: key, reason: "\(reason)"))
                    break
                }
                let segmented = try segmenter.segment(image)
                result.matrix.add(truth: labels, predicted: segmented.labels)
                result.images += 1
                result.deadCells += segmented.deadCells
            }
            progress(position + 1)
        }
        return result
    }

    private enum Outcome {
        case loaded(Image, LabelMap, key: String)
        case unusable(UnusablePicture)
    }

    private func load(_ id: Int64, of dataset: Dataset) async throws -> Outcome {
        do {
            switch try await dataset.load(id) {
            case .loaded(let loaded):
                guard let labels = loaded.labels else {
                    return .unusable(UnusablePicture(key: loaded.sample.key, reason: "it has no labels."))
                }
                return .loaded(loaded.image, labels, key: loaded.sample.key)
            case .bad(let bad): return .unusable(UnusablePicture(key: bad.key, reason: "\(bad.reason)"))
            }
        } catch {
            switch error {
            case .notFound(let key, _), .unreadable(let key, _, _), .changed(let key, _, _):
                return .unusable(UnusablePicture(key: key, reason: "\(error)"))
            default: throw error
            }
        }
    }
}
