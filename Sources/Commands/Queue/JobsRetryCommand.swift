import ArgumentParser
import Stores

/// Gives a dead job another chance.
struct JobsRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Make a dead job available again; its errors are forgotten.",
        discussion: "The run goes on when this was its last dead job."
    )

    @OptionGroup var job: JobOptions
    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        try await database.withDatabase { database in
            let store = JobStore(database)
            let found = try await job.job(store)
            guard try await store.retry(found.id) else {
                throw CommandFailure(
                    .usage,
                    "Job \(found.id) is \(found.state). Only dead jobs of a run that is not over can be retried."
                )
            }
        }
        print("Job \(job.id) is available again.")
    }
}
