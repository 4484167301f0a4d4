package import Datasets

extension SegmentationEvaluator {
    /// Composes scenes, as many of each noun but for the rest, and segments them; pixels of their backgrounds are void.
    ///
    /// - Parameters:
    ///   - composer: its nouns, in order, are the classes.
    ///   - seed: of the scenes.
    ///   - progress: called after every scene with how many are done.
    /// - Throws: `EvaluatorsError.tinyPicture`, `.notFinite`
    package func evaluate(
        scenes count: Int,
        of composer: SceneComposer,
        seed: UInt64,
        progress: (Int) -> Void = { _ in }
    ) async throws -> Result {
        precondition(composer.nouns.count == classCount, "the classes are the nouns")
        var result = Result(classCount: classCount)
        for place in 0..<count {
            try Task.checkCancellation()
            let scene = composer.evaluationScene(place, seed: seed).scene
            result.add(try segmenter.segment(scene.image), truth: scene.labelMap)
            progress(place + 1)
        }
        return result
    }
}
