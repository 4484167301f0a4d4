import ArgumentParser

/// `stillhouse encode`: features of pictures by given weights.
struct EncodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Write the features of pictures as a safetensors file.",
        discussion: "All features are unit vectors in the space that the model shares with its text tower.",
        subcommands: [EncodeImageCommand.self, EncodeDenseCommand.self, EncodeRegionsCommand.self]
    )
}
