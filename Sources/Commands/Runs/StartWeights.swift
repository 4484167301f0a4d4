import Checkpoints
import Datasets
import Layers
import Models
import Objectives
import OrderedCollections
import Recipes
import Tensors

/// The weights that a run starts from: a checkpoint in any known layout, or a seeded initialisation.
struct StartWeights {
    /// Everything that the model reads.
    private(set) var tree: ParameterTree
    /// What else the run keeps for exports, such as a text tower that the objective does not read.
    private var carried: OrderedDictionary<String, CheckpointTensor>
    private let seed: UInt64

    init(_ recipe: Recipe, _ plan: TrainingPlan, on backend: any Backend) throws {
        seed = recipe.start.initialize ?? recipe.seed
        if let path = recipe.start.weights {
            let native = try Checkpoint.read(path).native().checkpoint
            let weights = try ModelWeights(native, named: path, for: plan.modelParameters, on: backend)
            tree = try plan.completed(weights.parameters, seed: recipe.seed, on: backend)
            let keys = Set(weights.carried.filter { !plan.objective.isAuxiliary($0) })
            carried = native.tensors.filter { keys.contains($0.key) }
        } else {
            tree = try plan.initialTree(seed: seed, on: backend)
            carried = [:]
        }
    }

    /// What a file has for a plan's model, strictly, and the objective's own parameters drawn from the recipe's seed.
    static func tree(_ path: String, _ plan: TrainingPlan, on backend: any Backend) throws -> ParameterTree {
        let model = try LoadedTower.tree(path, plan.modelParameters, on: backend)
        return try plan.completed(model, seed: plan.recipe.seed, on: backend)
    }

    /// Keys of what the model does not read.
    var carriedKeys: [String] { Array(carried.keys) }

    func carriedLayout() throws -> ParameterLayout {
        try ParameterLayout(
            carried.map { key, tensor in Parameter(path: key, shape: Shape(tensor.shape)) }
        )
    }

    /// In the order of `carriedLayout()`.
    func carriedFloats() throws -> [Float] {
        try carried.values.flatMap { try $0.floats() }
    }

    // MARK: Prompts

    /// Both towers, also where the objective reads one of them: the other is among what is carried, or drawn by the same seed.
    ///
    /// - Throws: `LayersError` for weights without a text tower.
    func encoder(_ plan: TrainingPlan, on backend: any Backend) throws -> ParameterTree {
        var encoder = tree
        guard let text = plan.model.text, plan.recipe.objective.labelClasses != nil else { return encoder }
        for parameter in try TextTransformer.parameters(of: text) where encoder[parameter.path] == nil {
            guard let tensor = carried[parameter.path] else { continue }
            encoder[parameter.path] = Tensor(try tensor.floats(), Shape(tensor.shape), on: backend)
        }
        guard plan.recipe.start.weights == nil, encoder["token_embedding.weight"] == nil else { return encoder }
        let drawn = RecordingSource(InitializingSource(seed: seed, on: backend))
        _ = try TextTransformer(ParameterScope(drawn), text)
        for (path, tensor) in drawn.tree.tensors { encoder[path] = tensor }
        return encoder
    }

    /// Computes what prompts make of the class names, and keeps them and the text tower for those who export the run.
    mutating func begin(with prompts: SegmentationPrompts, _ plan: TrainingPlan, on backend: any Backend) throws {
        guard let objective = plan.objective as? MVPSEGPlus else { return }
        let encoder = try encoder(plan, on: backend)
        let configuration = try plan.model.textTower()
        let text = try TextTransformer(ParameterScope(TreeSource(encoder)), configuration)
        let features = try prompts.features(of: objective.classes.names, by: text, on: backend)
        for (path, values, shape) in MVPSEGPlus.ClassVectors
            .values(of: prompts, features: features, learned: objective.learnedClass)
        {
            tree[path] = Tensor(values, Shape(shape), on: backend)
        }
        for parameter in try TextTransformer.parameters(of: configuration) where carried[parameter.path] == nil {
            carried[parameter.path] = CheckpointTensor(
                try encoder.tensor(parameter.path).floats,
                shape: parameter.shape.dimensions
            )
        }
        for (path, tensor) in prompts.parameters { carried[path] = tensor }
    }
}

extension SegmentationPrompts {
    /// What trained, under the paths that a run of prompts has for it.
    fileprivate var parameters: [(path: String, tensor: CheckpointTensor)] {
        [
            (MVPSEG.Prompts.contextsPath, CheckpointTensor(contexts, shape: [1 + count, length, width])),
            (MVPSEG.Prompts.logScalePath, CheckpointTensor([logScale], shape: [])),
            (MVPSEG.Prompts.logTemperaturePath, CheckpointTensor([logGateTemperature], shape: [])),
        ]
    }
}
