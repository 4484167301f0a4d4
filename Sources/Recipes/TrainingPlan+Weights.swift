package import Layers
import Objectives
package import Tensors

extension TrainingPlan {
    /// Weights drawn from a seed, for runs that start without a checkpoint.
    package func initialTree(seed: UInt64, on backend: any Backend) throws -> ParameterTree {
        let source = RecordingSource(InitializingSource(seed: seed, on: backend))
        try objective.readParameters(ParameterScope(source))
        return source.tree
    }

    /// What a model's file must have: all that the student reads but the objective's own parameters.
    package var modelParameters: [Parameter] { parameters.filter { !objective.isAuxiliary($0.path) } }

    /// Adds the objective's own parameters to a model, drawn from a seed: each has the same values whatever the model.
    package func completed(_ model: ParameterTree, seed: UInt64, on backend: any Backend) throws -> ParameterTree {
        let source = RecordingSource(
            CompletingSource(
                model: TreeSource(model),
                drawn: InitializingSource(seed: seed, on: backend),
                draws: { objective.isAuxiliary($0) }
            )
        )
        try objective.readParameters(ParameterScope(source))
        return source.tree
    }

    /// The tree of everything that stays, with zeros where the student's numbers go.
    ///
    /// Made once; `tree(student:over:)` fills in a version.
    /// - Parameter flat: in the order of `frozen`.
    package func base(frozen flat: [Float], on backend: any Backend) throws -> ParameterTree {
        var tree = ParameterTree()
        for parameter in parameters {
            tree[parameter.path] = Tensor.zeros(parameter.shape, on: backend)
        }
        return try frozen.unflattened(flat, into: tree, on: backend)
    }

    /// The whole tree of one version; tensors without trained numbers share their storage with the base.
    ///
    /// - Parameter flat: in the order of `student`.
    package func tree(student flat: [Float], over base: ParameterTree, on backend: any Backend) throws -> ParameterTree
    {
        try student.unflattened(flat, into: base, on: backend)
    }
}

/// Serves what a model has, and draws what is not of the model.
private struct CompletingSource: ParameterSource {
    let model: TreeSource
    let drawn: InitializingSource
    let draws: (String) -> Bool

    func tensor(_ path: String, _ shape: Shape, _ initialization: Initialization) throws -> Tensor {
        try draws(path) ? drawn.tensor(path, shape, initialization) : model.tensor(path, shape, initialization)
    }
}
