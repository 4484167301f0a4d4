import ArgumentParser
import Stores

/// Takes a job out of its step.
struct JobsCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Take an unfinished job out of its step for good.",
        discussion: "The step then closes without its samples, and the run goes on when this was its last dead job."
    )

    @OptionGroup var job: JobOptions

    @Option(help: "Why; stored with the job.")
    var reason: String

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        try await database.withDatabase { database in
            let store = JobStore(database)
            let found = try await job.job(store)
            guard try await store.cancel(found.id, reason: reason) else {
                throw CommandFailure(
                    .usage,
                    """
                    Job \(found.id) is \(found.state). Only jobs without a gradient, of a run that is not over, can be \
                    cancelled.
                    """
                )
            }
        }
        print("Job \(job.id) is cancelled.")
    }
}
