import Datasets
package import Tensors

/// Names pictures by the nearest class embedding, and counts how often the name is theirs.
///
/// The score is the cosine of the picture's embedding and the class's.
/// - SeeAlso: Radford et al. 2021, arXiv:2103.00020, section 3.1.
package struct ZeroShotClassifier {
    let encoder: PictureEncoder
    let classes: ClassEmbeddings
    /// `[C, E]`
    let table: Tensor

    /// - Throws: `EvaluatorsError.wrongEmbeddingSize` for embeddings of another space.
    package init(_ encoder: PictureEncoder, classes: ClassEmbeddings, on backend: any Backend) throws(EvaluatorsError) {
        guard classes.size == encoder.size else {
            throw .wrongEmbeddingSize(expected: encoder.size, found: classes.size)
        }
        self.encoder = encoder
        self.classes = classes
        table = Tensor(classes.vectors, [classes.count, classes.size], on: backend)
    }

    /// Looks at every picture that has a label.
    ///
    /// - Parameters:
    ///   - indices: the class of each label, as by `ClassMatching`.
    ///   - progress: called after every picture with how many are done.
    /// - Throws: `EvaluatorsError.noPictures` when none can be used.
    package func evaluate(
        _ images: LabelledImages,
        classes indices: [String: Int],
        progress: (Int) -> Void = { _ in }
    ) async throws -> ZeroShotClassification {
        let labels = images.labels.map { label in label.flatMap { indices[$0] } }
        let ids = images.dataset.index.samples.map(\.id).filter { labels[Int($0)] != nil }
        var tally = ClassificationTally(classCount: classes.count)
        let count = classes.count
        let bad = try await encoder.encode(images.dataset, ids, progress: progress) { samples, features in
            let scores = features.linear(weight: table).floats  // [B, C]
            for (row, sample) in samples.enumerated() {
                guard let label = labels[Int(sample.id)] else { continue }
                tally.record(scores: scores[row * count..<(row + 1) * count], label: label)
            }
        }
        let unusable = images.unusable + bad
        guard let result = tally.result(names: classes.names, unusable: unusable) else {
            throw EvaluatorsError.noPictures(
                dataset: images.dataset.root.name,
                unusable: unusable.count,
                first: unusable.first.map { "\($0.key): \($0.reason)" }
            )
        }
        return result
    }
}
