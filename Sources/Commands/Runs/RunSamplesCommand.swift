import ArgumentParser
import Foundation
import Stores

/// Lists the samples that a run leaves out.
struct RunSamplesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samples",
        abstract: "List samples that the run leaves out, and why.",
        discussion: """
            An undecodable sample is found by every worker for itself. A quarantined one made its jobs fail wherever they \
            ran, and was found by bisecting; jobs from the step named on leave it out unseen.
            """
    )

    @Argument(help: "Name of the run.")
    var name: String

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let samples = try await database.withDatabase { database in
            let run = try await RunStore(database).run(named: name)
            return try await GradientStore(database).badSamples(of: run.id).map(Entry.init)
        }
        if output.isJSON { return try JSONOutput.print(samples) }
        var table = TextTable([
            ("sample", .right), ("key", .left), ("from step", .right), ("job", .right), ("worker", .right),
            ("reason", .left),
        ])
        for sample in samples {
            table.append([
                "\(sample.id)", sample.key, sample.fromStep.map(String.init) ?? "-", "\(sample.job)",
                sample.worker.map(String.init) ?? "-", sample.reason,
            ])
        }
        print(table.text)
    }

    /// What is printed.
    struct Entry: Encodable {
        let id: Int64
        let key: String
        let reason: String
        let isQuarantined: Bool
        /// The first step that leaves it out unseen; nil when it is merely undecodable.
        let fromStep: Int?
        /// The job that met it, and the worker that reported it.
        let job: Int64
        let worker: Int64?
        let at: Date

        init(_ record: RecordedSample) {
            (id, key, reason) = (record.sample.sampleID, record.sample.key, record.sample.reason)
            (isQuarantined, fromStep) = (record.sample.isQuarantined, record.fromStep)
            (job, worker, at) = (record.job.rawValue, record.workerAlias, record.at)
        }
    }
}
