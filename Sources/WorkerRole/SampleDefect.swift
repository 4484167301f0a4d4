import Datasets
import Recipes

/// An error that may be a single sample's fault.
struct SampleDefect {
    let reason: String
    /// The gradient is no number; else the picture cannot be had.
    let isNonFinite: Bool

    /// nil for what no sample can help: no memory, a cancelled job, weights that are gone.
    init?(_ error: any Error) {
        switch error {
        case TrainingError.nonFinite:
            reason = "its gradient is not a number"
            isNonFinite = true
        case let error as DatasetError:
            switch error {
            case .notFound, .unreadable, .changed, .invalidKey:
                reason = error.description
                isNonFinite = false
            default: return nil
            }
        default: return nil
        }
    }
}
