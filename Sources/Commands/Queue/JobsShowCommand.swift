import ArgumentParser
import Stores

/// Shows everything about a job.
struct JobsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show everything about a job.")

    @OptionGroup var job: JobOptions
    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let summary = try await database.withDatabase { database in
            let found = try await job.job(JobStore(database))
            var summary = JobSummary(found)
            summary.rejected = try await GradientStore(database).rejections(of: found.id).map(JobSummary.Rejection.init)
            return summary
        }
        if output.isJSON { try JSONOutput.print(summary) } else { print(summary.text) }
    }
}
