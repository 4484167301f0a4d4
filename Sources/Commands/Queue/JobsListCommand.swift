import ArgumentParser
import Stores

/// Lists jobs of a run.
struct JobsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List jobs of a run, those that are claimed first at the top."
    )

    @Option(help: "Only jobs in this state.")
    var state: JobState?

    @Option(help: "Only jobs of this kind.")
    var kind: JobKind?

    @Option(help: "How many at most.")
    var limit = 100

    @OptionGroup var choice: RunOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit \(limit): ask for one job at least.") }
    }

    func run() async throws {
        let jobs = try await database.withDatabase { database in
            let run = try await RunStore(database).chosen(choice.name)
            return try await JobStore(database).list(of: run.id, kind, in: state, limit: limit)
                .map(JobSummary.init)
        }
        if output.isJSON { try JSONOutput.print(jobs) } else { print(JobSummary.table(jobs)) }
    }
}

extension JobState: ExpressibleByArgument {}
extension JobKind: ExpressibleByArgument {}
