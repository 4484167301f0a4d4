import ArgumentParser
import Checkpoints
import Layers
import Models
import OrderedCollections
import Tensors

/// An image tower: its shape, its weights, and what computes it.
struct TowerOptions: ParsableArguments {
    @OptionGroup var model: ModelOptions
    @OptionGroup var backend: BackendOptions

    @Option(help: "Weights in any layout that is known: a .safetensors file, an .index.json, or a directory of one.")
    var weights: String

    func load() throws -> LoadedTower {
        try LoadedTower(weights: weights, model: model.configuration(), on: backend.backend())
    }
}

/// A model with the parameters of one file of weights.
struct LoadedTower {
    let configuration: ModelConfiguration
    let tree: ParameterTree
    /// Of both towers as prompts are bound to them; of a file without a text tower that we compute, of its content.
    let digest: Digest
    let backend: any Backend

    /// Loads strictly: any missing, surplus or misshapen key of the tower is an error.
    init(weights path: String, model: ModelConfiguration, on backend: any Backend) throws {
        configuration = model
        let native = try Checkpoint.read(path).native().checkpoint
        let wanted = try VisionTransformer.parameters(of: model.vision)
        tree = try ModelWeights(native, named: path, for: wanted, on: backend).parameters
        digest = try Self.digest(of: native, named: path, model, on: backend)
        self.backend = backend
    }

    private static func digest(
        of native: Checkpoint,
        named path: String,
        _ model: ModelConfiguration,
        on backend: any Backend
    ) throws -> Digest {
        guard let text = model.text, native.tensors["token_embedding.weight"] != nil else {
            return try native.contentDigest()
        }
        let wanted = try VisionTransformer.parameters(of: model.vision) + TextTransformer.parameters(of: text)
        let tree = try ModelWeights(native, named: path, for: wanted, on: backend).parameters
        return try EncoderDigest.digest(of: tree, vision: model.vision, text: text)
    }

    /// What a file has for the parameters wanted.
    static func tree(_ path: String, _ wanted: [Parameter], on backend: any Backend) throws -> ParameterTree {
        let native = try Checkpoint.read(path).native().checkpoint
        return try ModelWeights(native, named: path, for: wanted, on: backend).parameters
    }

    func tower() throws -> VisionTransformer {
        try VisionTransformer(ParameterScope(TreeSource(tree)), configuration.vision)
    }
}
