package import Datasets
import Tensors

extension ZeroShotClassifier {
    /// Composes scenes, as many of each noun but for the rest, and looks whether each is nearest to its main noun.
    ///
    /// - Parameters:
    ///   - composer: its nouns, in order, are the classes.
    ///   - seed: of the scenes.
    ///   - progress: called after every batch with how many are done.
    package func evaluate(
        scenes count: Int,
        of composer: SceneComposer,
        seed: UInt64,
        progress: (Int) -> Void = { _ in }
    ) async throws -> ZeroShotClassification {
        precondition(composer.nouns == classes.names, "the classes are the nouns")
        var tally = ClassificationTally(classCount: classes.count)
        for start in stride(from: 0, to: count, by: encoder.batch) {
            try Task.checkCancellation()
            let places = start..<min(start + encoder.batch, count)
            let scenes = places.map { composer.evaluationScene($0, seed: seed) }
            let scores = encoder.encode(scenes.map(\.scene.image)).linear(weight: table).floats  // [B, C]
            for (row, noun) in scenes.map(\.noun).enumerated() {
                tally.record(scores: scores[row * classes.count..<(row + 1) * classes.count], label: noun)
            }
            progress(places.upperBound)
        }
        guard let result = tally.result(names: classes.names, unusable: []) else {
            throw EvaluatorsError.noPictures(dataset: "scenes", unusable: 0, first: nil)
        }
        return result
    }
}
