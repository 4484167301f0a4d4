import ArgumentParser
import Checkpoints
import Foundation
import Postgres
import Stores

/// `stillhouse weights list`
struct WeightsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List a run's versions, and which of them can still be pulled and forked.",
        discussion: """
            A retired version keeps its row in the ledger; its weights are gone. A durable one outlives a crash of the \
            database, and a run can go back to it: stillhouse run rewind.
            """
    )

    @OptionGroup var database: DatabaseOptions

    @Argument(help: "Name of the run.")
    var run: String

    @Flag(help: "Leave out versions whose weights are gone.")
    var published = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let versions = try await database.withDatabase { database in
            let run = try await RunStore(database).run(named: self.run)
            return try await WeightStore(database).list(of: run.id)
        }
        let rows = versions.filter { !published || $0.state == .published }.map { version in
            Row(
                version: version.number,
                state: version.state.rawValue,
                isDurable: version.isDurable,
                isKept: version.state == .published,
                samples: version.update.samples,
                units: version.update.units,
                learningRate: version.update.learningRate,
                publishedAt: version.publishedAt,
                content: Digest(bytes: version.update.contentDigest)?.description ?? ""
            )
        }
        if json { return try JSONOutput.print(rows) }
        var table = TextTable([
            ("version", .right), ("state", .left), ("pull, fork", .left), ("images", .right), ("units", .right),
            ("learning rate", .right),
            ("published", .left), ("content", .left),
        ])
        for row in rows { table.append(row.cells) }
        print(table.text)
    }

    private struct Row: Encodable {
        let version: Int
        let state: String
        let isDurable: Bool
        /// Its weights are there: `weights pull --version` and `run fork --from RUN@VERSION` work.
        let isKept: Bool
        let samples: Int
        let units: Int
        let learningRate: Double
        let publishedAt: Date?
        let content: String

        enum CodingKeys: String, CodingKey {
            case version, state, samples, units
            case isDurable = "is_durable"
            case isKept = "kept"
            case learningRate = "learning_rate"
            case publishedAt = "published_at"
            case content = "content_sha256"
        }

        var cells: [String] {
            [
                String(version), isDurable ? state + ", durable" : state, isKept ? "yes" : "no", Units.count(samples),
                Units.count(units), String(format: "%.3g", learningRate), publishedAt?.formatted(.iso8601) ?? "",
                String(content.prefix(12)),
            ]
        }
    }
}
