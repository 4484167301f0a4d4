import Checkpoints
import Layers
import Models
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
            let weights = try ModelWeights(native, named: path, for: plan.parameters, on: backend)
            tree = weights.parameters
            carriedKeys = weights.carried
            checkpoint = native
        } else {
            tree = try plan.initialTree(seed: recipe.start.initialize ?? recipe.seed, on: backend)
            carriedKeys = []
            checkpoint = nil
        }
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
