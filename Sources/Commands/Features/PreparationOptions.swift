import ArgumentParser
import Evaluators

extension ImagePreparation: ExpressibleByArgument {}

/// How whole pictures are brought to an image tower in an evaluation.
struct PreparationOptions: ParsableArguments {
    @Option(
        help: """
            How pictures become square: crop (shortest side fits, the rest is cut off: CLIP's own) or pad (longest side \
            fits, black around).
            """
    )
    var prepare: ImagePreparation = .crop

    @Option(help: "Pictures in one pass; it bounds memory and changes no result.")
    var batch = 8

    func validate() throws {
        if batch < 1 { throw ValidationError("--batch is \(batch); it must be 1 or more.") }
    }

    func encoder(_ weights: MeasuredWeights) throws -> PictureEncoder {
        try PictureEncoder(weights.imageTower(), preparation: prepare, batch: batch, on: weights.backend)
    }
}
