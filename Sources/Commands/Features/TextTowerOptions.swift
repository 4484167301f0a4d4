import ArgumentParser
import Layers
import Models

/// A text tower: its shape, its weights, and what computes it.
struct TextTowerOptions: ParsableArguments {
    @OptionGroup var model: ModelOptions
    @OptionGroup var backend: BackendOptions

    @Option(help: "Weights in any layout that is known: a .safetensors file, an .index.json, or a directory of one.")
    var weights: String

    @Option(help: "Texts in one pass; it bounds memory.")
    var batch = 64

    func validate() throws {
        if batch < 1 { throw ValidationError("--batch is \(batch); it must be 1 or more.") }
    }

    /// Loads strictly: any missing, surplus or misshapen key of the text tower is an error.
    func encoder() throws -> CaptionEncoder {
        let (configuration, backend) = (try model.configuration().textTower(), backend.backend())
        try configuration.checkVocabulary()
        let tree = try LoadedTower.tree(weights, TextTransformer.parameters(of: configuration), on: backend)
        let tower = try TextTransformer(ParameterScope(TreeSource(tree)), configuration)
        return try CaptionEncoder(tower, on: backend)
    }
}
