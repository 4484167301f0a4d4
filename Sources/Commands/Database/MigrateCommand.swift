import ArgumentParser

/// The group of commands for the schema.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Make, update and check the database's schema.",
        discussion: """
            The schema has a numbered history. Every command but these refuses a database whose schema is not the one \
            that this build was written for.
            """,
        subcommands: [
            MigrateUpCommand.self, MigrateDownCommand.self, MigrateStatusCommand.self, MigrateValidateCommand.self,
            MigratePrintCommand.self,
        ]
    )
}
