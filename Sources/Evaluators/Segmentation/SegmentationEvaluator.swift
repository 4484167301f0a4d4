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

        init(classCount: Int) {
            matrix = ConfusionMatrix(classCount: classCount)
            (images, deadCells, unusable) = (0, 0, [])
        }

        mutating func add(_ picture: SegmentedPicture, truth: LabelMap) {
            matrix.add(truth: truth, predicted: picture.labels)
            images += 1
            deadCells += picture.deadCells
        }
    }

    let segmenter: SemanticSegmenter
    let classCount: Int

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
        var result = Result(classCount: classCount)
        for (position, id) in ids.enumerated() {
            try Task.checkCancellation()
            switch try await load(id, of: dataset) {
            case .unusable(let picture): result.unusable.append(picture)
            case .loaded(let image, let labels, let key):
                if let refusal = segmenter.refusal(width: image.width, height: image.height) {
                    result.unusable.append(UnusablePicture(key: key, reason: "\(refusal)"))
                    break
                }
                result.add(try segmenter.segment(image), truth: labels)
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
