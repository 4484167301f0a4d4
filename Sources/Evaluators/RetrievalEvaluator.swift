package import Datasets
package import Models
package import Tensors

/// Measures how well pictures find their captions and captions their pictures, in COCO's protocol: every caption of a
/// picture is a query and an answer of its own.
///
/// - SeeAlso: Karpathy and Fei-Fei 2015, arXiv:1412.2306, section 4.2; Chen et al. 2015, arXiv:1504.00325.
package struct RetrievalEvaluator {
    /// What is being computed.
    package enum Phase: String, Sendable {
        case pictures, captions
    }

    private let pictures: PictureEncoder
    private let texts: CaptionEncoder
    private let captionBatch: Int
    private let backend: any Backend

    /// - Parameter captionBatch: captions in one pass of the text tower; it bounds memory and changes no result.
    /// - Precondition: both towers share one space.
    package init(
        pictures: PictureEncoder,
        captions: CaptionEncoder,
        captionBatch: Int = 64,
        on backend: any Backend
    ) {
        precondition(pictures.size == captions.tower.configuration.embeddingSize, "both towers embed into one space")
        self.pictures = pictures
        texts = captions
        self.captionBatch = captionBatch
        self.backend = backend
    }

    /// Looks at every picture of a dataset that has captions; an unusable picture's captions leave with it. Scenes are
    /// those of the first epoch of a run of seed 0.
    ///
    /// - Parameters:
    ///   - unusable: what indexing left out, for the report.
    ///   - captionsPerImage: most captions of one picture, the first; nil for all.
    ///   - progress: called with the phase, how many are done, and of how many; at a phase's beginning with 0.
    /// - Throws: `EvaluatorsError.noCaptions` or `.noPictures` when nothing is left to compare.
    package func evaluate(
        _ dataset: Dataset,
        unusable: [UnusablePicture] = [],
        captionsPerImage: Int? = nil,
        progress: (Phase, Int, Int) -> Void = { _, _, _ in }
    ) async throws -> RetrievalEvaluation {
        var skipped = 0
        var unusable = unusable
        func kept(_ sample: Sample) -> [String] {
            let readable = sample.captions.filter { (try? texts.tokens($0)) != nil }
            let kept = Array(readable.prefix(captionsPerImage ?? readable.count))
            skipped += sample.captions.count - kept.count
            return kept
        }
        var wanted: [Int64] = []
        for sample in dataset.index.samples {
            // A composed picture gets its caption when it is composed.
            if dataset.index.kind == .scenes || sample.captions.contains(where: { (try? texts.tokens($0)) != nil }) {
                wanted.append(sample.id)
            } else {
                skipped += sample.captions.count
                unusable.append(UnusablePicture(key: sample.key, reason: "no usable caption."))
            }
        }
        guard !wanted.isEmpty else { throw EvaluatorsError.noCaptions(dataset: dataset.root.name) }
        var owned: [[String]] = []
        var imageFeatures: [Float] = []
        progress(.pictures, 0, wanted.count)
        unusable += try await pictures.encode(
            dataset,
            wanted,
            progress: { progress(.pictures, $0, wanted.count) },
            receive: { samples, features in
                owned += samples.map(kept)
                imageFeatures += features.floats
            }
        )
        guard !owned.isEmpty else {
            let first = unusable.first.map { "\($0.key): \($0.reason)" }
            throw EvaluatorsError.noPictures(dataset: dataset.root.name, unusable: unusable.count, first: first)
        }
        let all = owned.flatMap(\.self)
        progress(.captions, 0, all.count)
        let textFeatures = try features(of: all) { progress(.captions, $0, all.count) }
        let (imageToText, textToImage) = recalls(imageFeatures, textFeatures, captionCounts: owned.map(\.count))
        return RetrievalEvaluation(
            images: owned.count,
            captions: all.count,
            imageToText: imageToText,
            textToImage: textToImage,
            skippedCaptions: skipped,
            unusable: unusable
        )
    }

    /// A pass of the tower computes as many tokens of each text as its longest has: those of like length go together.
    ///
    /// - Returns: `[M, E]`, unit rows in the order of the captions.
    private func features(of captions: [String], progress: (Int) -> Void) throws -> [Float] {
        try Task.checkCancellation()
        let lengths = try captions.map { try texts.tokens($0).firstIndex(of: CLIPTokenizer.endOfText) ?? .max }
        let order = captions.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        let sorted = try texts.vectors(of: order.map { captions[$0] }, batch: captionBatch, progress: progress)
        let size = pictures.size
        var features = [Float](repeating: 0, count: sorted.count)
        for (row, caption) in order.enumerated() {
            features.replaceSubrange(
                caption * size..<(caption + 1) * size,
                with: sorted[row * size..<(row + 1) * size]
            )
        }
        return features
    }

    /// - Parameters:
    ///   - images: `[N, E]`, unit rows.
    ///   - captions: `[M, E]`, unit rows, those of the first picture first.
    private func recalls(
        _ images: [Float],
        _ captions: [Float],
        captionCounts: [Int]
    ) -> (imageToText: RetrievalEvaluation.Recall, textToImage: RetrievalEvaluation.Recall) {
        var first = 0
        let captionsOfImages = captionCounts.map { count in
            defer { first += count }
            return Array(first..<first + count)
        }
        let imagesOfCaptions = captionCounts.enumerated().flatMap { image, count in
            [[Int]](repeating: [image], count: count)
        }
        let size = pictures.size
        let (imageCount, captionCount) = (captionCounts.count, imagesOfCaptions.count)
        let imageRanks = RetrievalRanks.ranks(
            queries: images,
            gallery: captions,
            own: captionsOfImages,
            size: size,
            on: backend
        )
        let captionRanks = RetrievalRanks.ranks(
            queries: captions,
            gallery: images,
            own: imagesOfCaptions,
            size: size,
            on: backend
        )
        return (
            RetrievalEvaluation.Recall(ranks: imageRanks, gallerySize: captionCount),
            RetrievalEvaluation.Recall(ranks: captionRanks, gallerySize: imageCount)
        )
    }
}
