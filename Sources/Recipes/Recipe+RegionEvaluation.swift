package import Evaluators
import Objectives

extension Recipe {
    /// How `evaluate regions` chooses and crops regions under this recipe: crops are 1.5 times the box.
    package var regionEvaluation: RegionEvaluator.Configuration {
        let batch =
            switch objective {
            case .clipSelf(let configuration): configuration.teacherBatch
            case .silc(let configuration): configuration.studentBatch
            case .combined(let configuration): configuration.silc.studentBatch
            case .mvpSeg(let configuration): configuration.studentBatch
            case .mvpSegPlus(let configuration): configuration.studentBatch
            }
        return RegionEvaluator.Configuration(
            regionsPerImage: evaluation.regionsPerImage,
            maskAntialias: evaluation.maskAntialias,
            cropBatch: batch
        )
    }

    /// Side of the picture from which it reads dense features: that of whole pictures in training.
    package var regionEvaluationSize: Int {
        switch objective {
        case .clipSelf(let configuration): configuration.studentSize
        case .silc(let configuration): configuration.views.global.size
        case .combined(let configuration): configuration.silc.views.global.size
        case .mvpSeg(let configuration): configuration.viewSize
        case .mvpSegPlus(let configuration): configuration.viewSize
        }
    }
}
