import ArgumentParser

/// `stillhouse evaluate`: what weights are worth.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure weights, from a file or from a run.",
        subcommands: [
            EvaluateRegionsCommand.self, EvaluateClassificationCommand.self, EvaluateRetrievalCommand.self,
            EvaluateSegmentationCommand.self,
        ]
    )
}
