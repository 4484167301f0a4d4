import ArgumentParser

/// `stillhouse dataset`: lists of samples, made and checked.
struct DatasetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset",
        abstract: "Index the pictures of a data set, check that every one can be used, compose scenes from cut-outs.",
        subcommands: [DatasetIndexCommand.self, DatasetCheckCommand.self, DatasetComposeCommand.self]
    )
}
