import Layers
import Models

extension SILC {
    /// What one tree holds: the model, and the head where there is distillation.
    struct Towers {
        let clip: CLIP
        let head: DistillationHead?

        init(_ objective: SILC, _ scope: ParameterScope) throws {
            clip = try CLIP(scope, objective.model)
            head = objective.configuration.distils ? try DistillationHead(scope, objective.head) : nil
        }
    }
}
