import Checkpoints
import Images
import Layers
import Objectives
import Tensors

/// What targets have in common that may stand for each other: the rule, the teacher, and how this machine rounds.
///
/// Two kernels, two CPUs or two releases of the engine may round a sum differently. A target of the one would still be
/// right to fp16 on the other, but a run's bits would depend on who filled the cache, so each has targets of its own. The
/// profile's name does not tell releases of our kernels apart; therefore the teacher answers a fixed question, and the bits
/// of the answer are part of the scope.
struct TargetScope: Sendable {
    let rule: TargetRule
    let digest: Digest

    /// - Parameter teacher: every number that the teacher reads, trained or not.
    /// - Returns: nil where the objective's targets are not kept.
    init?<O: Objective>(_ objective: O, parameters: [Parameter], teacher: ParameterTree, on backend: any Backend) throws
    {
        guard let rule = objective.targetRule, let probe = objective.targetProbe else { return nil }
        self.rule = rule
        var text = "stillhouse target scope 1\n\(rule.name)\n\(rule.size)\n"
        text += "\(CPUBackend.numericProfile)\n"
        for parameter in parameters {
            let digest = try teacher.tensor(parameter.path).withUnsafeFloats { Digest(of: UnsafeRawBufferPointer($0)) }
            text += "\(parameter.path) \(parameter.shape) \(digest)\n"
        }
        let answer = try objective.targets(of: [probe], teacher: teacher, on: backend)
        text += "\(answer.map { $0.withUnsafeFloats { Digest(of: UnsafeRawBufferPointer($0)) } }?.description ?? "")\n"
        digest = Digest(of: text.utf8)
    }
}
