import ArgumentParser
import Stores

/// Which job a command is about.
struct JobOptions: ParsableArguments {
    @Argument(help: "Number of the job, as `jobs list` shows it.")
    var id: Int64

    /// - Throws: `CommandFailure` when there is no such job.
    func job(_ store: JobStore) async throws -> Job {
        if let job = try await store.job(JobID(rawValue: id)) { return job }
        throw CommandFailure(.usage, "There is no job \(id). `stillhouse jobs list` shows those there are.")
    }
}
