import ArgumentParser

/// `stillhouse encode`: features of pictures and texts by given weights.
struct EncodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Write the features of pictures or texts as a safetensors file.",
        discussion: "All features are unit vectors in the space that the model's image and text towers share.",
        subcommands: [
            EncodeImageCommand.self, EncodeDenseCommand.self, EncodeRegionsCommand.self, EncodeTextCommand.self,
            EncodeClassesCommand.self,
        ]
    )
}
