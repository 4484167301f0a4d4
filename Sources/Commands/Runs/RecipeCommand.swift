import ArgumentParser

/// The group of commands that read recipes.
struct RecipeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipe",
        abstract: "Show recipes; needs no database.",
        discussion: "A recipe is one experiment as YAML: model, objective, data, schedule, optimizer and evaluation.",
        subcommands: [RecipeShowCommand.self, RecipeListCommand.self]
    )
}
