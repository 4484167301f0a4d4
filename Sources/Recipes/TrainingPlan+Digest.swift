package import Checkpoints
import Layers

extension TrainingPlan {
    /// SHA-256 over the order of the student's numbers and of the frozen ones: machines that agree on it mean the same
    /// parameter by the same place in a chunk.
    package var layoutDigest: Digest { Digest(of: student.digestInput + frozen.digestInput) }
}
