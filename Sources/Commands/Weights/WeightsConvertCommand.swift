import ArgumentParser
import Checkpoints
import Models

/// `stillhouse weights convert`
struct WeightsConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write weights in another layout or type.",
        discussion: """
            The input's layout is recognised by its keys. Values do not change unless --dtype rounds them, so a file \
            converted there and back is the same.
            """
    )

    @Argument(help: "A .safetensors file, an .index.json, or a directory that holds one of them.")
    var input: String

    @Argument(help: "The file to write.")
    var output: String

    @Option(help: "Names and form of the tensors in the output.")
    var layout: CheckpointLayout

    @Option(help: "Type of the numbers; by default each stays as it is.")
    var dtype: CheckpointTensor.DType?

    @Option(
        help: ArgumentHelp("Split the output into files of at most this many bytes and an index.", valueName: "bytes")
    )
    var shardSize: Int?

    @Flag(help: "Print what was done as JSON.")
    var json = false

    func validate() throws {
        if let shardSize, shardSize < 1 { throw ValidationError("--shard-size is \(shardSize); it must be 1 or more.") }
    }

    func run() throws {
        let conversion = try WeightsConversion(
            of: input,
            to: output,
            layout: layout,
            dtype: dtype,
            maximumShardByteCount: shardSize
        )
        if json { try JSONOutput.print(conversion) } else { print(conversion) }
    }
}
