package import Evaluators
import Objectives

extension Recipe {
    /// How `evaluate regions` reads pictures under this recipe: at the size of whole pictures in training, with crops of
    /// 1.5 times the box.
    package var regionEvaluation: RegionEvaluator.Configuration {
        let (size, batch) =
            switch objective {
            case .clipSelf(let configuration): (configuration.studentSize, configuration.teacherBatch)
            case .silc(let configuration): (configuration.views.global.size, configuration.studentBatch)
            case .combined(let configuration):
                (configuration.silc.views.global.size, configuration.silc.studentBatch)
            case .mvpSeg(let configuration): (configuration.viewSize, configuration.studentBatch)
            case .mvpSegPlus(let configuration): (configuration.viewSize, configuration.studentBatch)
            }
        return RegionEvaluator.Configuration(
            studentSize: size,
            regionsPerImage: evaluation.regionsPerImage,
            maskAntialias: evaluation.maskAntialias,
            cropBatch: batch
        )
    }
}
