import Checkpoints
import Layers
import Models
import Objectives
import OrderedCollections
import Recipes
import Tensors

/// The weights that a run starts from: a checkpoint in any known layout, or a seeded initialisation.
struct StartWeights {
    /// Everything that the model reads.
    let tree: ParameterTree
    /// What else the checkpoint holds, such as a text tower; exports keep it.
    let carriedKeys: [String]
    private let checkpoint: Checkpoint?

    init(_ recipe: Recipe, _ plan: TrainingPlan, on backend: any Backend) throws {
        if let path = recipe.start.weights {
            let native = try Checkpoint.read(path).native().checkpoint
            let weights = try ModelWeights(native, named: path, for: plan.modelParameters, on: backend)
            tree = try plan.completed(weights.parameters, seed: recipe.seed, on: backend)
            carriedKeys = weights.carried.filter { !plan.objective.isAuxiliary($0) }
            checkpoint = native
        } else {
            tree = try plan.initialTree(seed: recipe.start.initialize ?? recipe.seed, on: backend)
            carriedKeys = []
            checkpoint = nil
        }
    }

    /// What a file has for a plan's model, strictly, and the objective's own parameters drawn from the recipe's seed.
    static func tree(_ path: String, _ plan: TrainingPlan, on backend: any Backend) throws -> ParameterTree {
        let model = try LoadedTower.tree(path, plan.modelParameters, on: backend)
        return try plan.completed(model, seed: plan.recipe.seed, on: backend)
    }

    func carriedLayout() throws -> ParameterLayout {
        try ParameterLayout(
            carried.map { key, tensor in Parameter(path: key, shape: Shape(tensor.shape)) }
        )
    }

    /// In the order of `carriedLayout()`.
    func carriedFloats() throws -> [Float] {
        try carried.flatMap { try $0.tensor.floats() }
    }

    private var carried: [(key: String, tensor: CheckpointTensor)] {
        carriedKeys.compactMap { key in checkpoint?.tensors[key].map { (key, $0) } }
    }
}
