import ArgumentParser

/// `stillhouse weights`: versions out of the database, and files of weights.
struct WeightsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights",
        abstract: "Take weights out of a run; look at, convert and compare files of weights.",
        subcommands: [
            WeightsPullCommand.self, WeightsListCommand.self, WeightsInspectCommand.self, WeightsConvertCommand.self,
            WeightsDiffCommand.self,
        ]
    )
}
