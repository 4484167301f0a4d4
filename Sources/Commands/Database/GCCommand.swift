import ArgumentParser
import CoordinatorRole
import Stores

/// Deletes at once what the coordinator deletes little by little.
struct GCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Delete old versions' chunks, spent gradients, surplus targets and old history.",
        discussion: """
            The coordinator does the same, a few pages at a time; this goes on until nothing is left to delete. How many \
            versions, days and bytes of cached targets are kept is said in the database's table `setting`. The ledger \
            itself always stays.
            """
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let total = try await database.withDatabase { database in
            try await RetentionCleaner(retention: RetentionStore(database), logger: DatabaseOptions.quietLogger)
                .clean(under: nil)
        }
        if output.isJSON { return try JSONOutput.print(total) }
        print(
            """
            Closed \(Units.count(total.closedVersions)) versions; deleted \(Units.count(total.deletedChunks)) chunks of \
            weights, \(Units.count(total.deletedGradientParts)) parts of gradients, \
            \(Units.count(total.deletedArtifactParts)) parts of artifacts and \
            \(Units.count(total.deletedTargets)) cached targets.
            """
        )
    }
}
