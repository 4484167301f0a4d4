package import Datasets

extension SceneComposer {
    /// A scene that evaluations look at: as many of each noun but for the rest, drawn as of an epoch that no run reaches, so
    /// that no training has seen it.
    ///
    /// - Parameters:
    ///   - place: among the scenes of an evaluation, counted from 0.
    ///   - seed: of the scenes.
    /// - Returns: the scene, and its main noun by position.
    package func evaluationScene(_ place: Int, seed: UInt64) -> (scene: Scene, noun: Int) {
        let (round, noun) = place.quotientAndRemainder(dividingBy: nouns.count)
        let use = SampleSeed(run: seed, epoch: (1 << 40) + round, sample: Int64(noun))
        return (compose(noun, seed: use), noun)
    }
}
