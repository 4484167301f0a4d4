package import Evaluators
import Objectives

extension Recipe {
    /// How `evaluate regions` reads pictures under this recipe: at the student's size, with crops of 1.5 times the box.
    package var regionEvaluation: RegionEvaluator.Configuration {
        switch objective {
        case .clipSelf(let configuration):
            RegionEvaluator.Configuration(
                studentSize: configuration.studentSize,
                regionsPerImage: evaluation.regionsPerImage,
                maskAntialias: evaluation.maskAntialias,
                cropBatch: configuration.teacherBatch
            )
        }
    }
}
