import ArgumentParser
import Checkpoints
import Commands
import Configs
import Layers
import Models
import OrderedCollections
import Tensors
import TestSupport
import Testing

/// Runs commands in this process, as `main` does short of ending it.
enum CommandLine {
    static func run(_ arguments: String...) async throws { try await run(arguments) }

    static func run(_ arguments: [String]) async throws {
        var command = try StillhouseCommand.parseAsRoot(arguments)
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }

    /// What the parser says to arguments that it refuses.
    static func refusal(_ arguments: String...) -> String { refusal(arguments) }

    static func refusal(_ arguments: [String]) -> String {
        do {
            _ = try StillhouseCommand.parseAsRoot(arguments)
            return "accepted"
        } catch {
            return StillhouseCommand.message(for: error)
        }
    }

    /// Weights of the model `stillhouse-tiny` drawn from a seed.
    static func tinyWeights() throws -> Checkpoint {
        let model = try ModelConfiguration(json: #require(Presets.models["stillhouse-tiny"]))
        return try weights(of: VisionTransformer.parameters(of: model.vision))
    }

    /// The same of both towers. The table of tokens is large, so it is drawn once a process.
    static func tinyDualWeights() throws -> Checkpoint { try dualWeights.get() }

    private static let dualWeights = Result {
        let model = try ModelConfiguration(json: #require(Presets.models["stillhouse-tiny"]))
        return try weights(of: CLIP.parameters(of: model.clip()))
    }

    private static func weights(of parameters: [Parameter]) throws -> Checkpoint {
        var checkpoint = Checkpoint()
        let generator = RandomGenerator(run: 7, epoch: 0, sample: 0, view: 0)
        var draw = 0
        for parameter in parameters {
            let values = (0..<parameter.shape.count).map { _ in
                draw += 1
                return Float(generator.uniform(at: draw)) * 0.2 - 0.1
            }
            checkpoint.tensors[parameter.path] = CheckpointTensor(values, shape: parameter.shape.dimensions)
        }
        return checkpoint
    }

    static func writeTinyWeights(to path: String) throws { try tinyWeights().write(to: path) }

    /// A path below `Deploy/samples`.
    static func sample(_ name: String) -> String { TestFile.path("../Deploy/samples/\(name)") }
}
