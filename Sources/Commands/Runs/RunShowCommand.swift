import ArgumentParser
import Checkpoints
import Foundation
import Layers
import Objectives
import Recipes
import Stores

/// Shows what a run was created with, and its latest events.
struct RunShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a run was created with and what happened to it lately.",
        discussion: "Where it stands now is told by `stillhouse status NAME`."
    )

    @Argument(help: "Name of the run.")
    var name: String

    @Flag(name: .customLong("recipe"), help: "Print only the resolved recipe, as YAML.")
    var isRecipeOnly = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (run, origin, metrics, events) = try await database.withDatabase { database in
            let run = try await RunStore(database).run(named: name)
            let origin = try await RunStore(database).origin(of: run.id)
            let metrics = try await EvaluationStore(database).metrics(of: run.id)
            return (run, origin, metrics, try await EventStore(database).list(of: run.id, limit: 20))
        }
        let recipe = try Recipe(json: run.recipe, source: "recipe of run \(name)")
        let evaluations = EvaluationCurve.all(in: metrics)
        let report = try Report(run, recipe: recipe, origin: origin, evaluations: evaluations, events: events)
        if output.isJSON { return try JSONOutput.print(report) }
        if isRecipeOnly { return print(try recipe.yaml(), terminator: "") }
        print(report.text)
    }

    /// What is printed.
    struct Report: Encodable {
        struct Entry: Encodable {
            let at: Date
            let kind: String
            /// A JSON object.
            let detail: String
        }

        let run: RunSummary
        /// For a fork, what it starts from.
        let origin: RunOrigin?
        let seed: UInt64
        let trainedParameters: Int
        let epochSamples: Int
        let recipeDigest: String
        let layoutDigest: String
        let datasetDigest: String
        let recipe: Recipe
        let evaluations: [EvaluationCurve]
        /// The newest first.
        let events: [Entry]

        init(
            _ run: Run,
            recipe: Recipe,
            origin: RunOrigin? = nil,
            evaluations: [EvaluationCurve] = [],
            events: [Event]
        ) throws {
            self.run = RunSummary(run)
            (seed, epochSamples) = (run.seed, run.epochSamples)
            trainedParameters = try RunLayout(json: run.layout).student.count
            recipeDigest = Self.hexadecimal(run.digests.recipe)
            layoutDigest = Self.hexadecimal(run.digests.layout)
            datasetDigest = Self.hexadecimal(run.digests.dataset)
            (self.recipe, self.origin, self.evaluations) = (recipe, origin, evaluations)
            self.events = events.map { Entry(at: $0.at, kind: $0.kind, detail: $0.detail) }
        }

        private static func hexadecimal(_ bytes: [UInt8]) -> String {
            bytes.map { String(format: "%02x", $0) }.joined()
        }

        private static func line(_ fact: (name: String, value: String)) -> String {
            "  " + fact.name.padding(toLength: 11, withPad: " ", startingAt: 0) + fact.value
        }

        var text: String {
            var lines = ["\(run.name): \(run.stateText)\(run.reason.map { " (\($0))" } ?? "")"]
            if let origin {
                lines.append("  forked    from \(origin.run)@\(origin.number), content \(origin.content)")
            }
            lines += recipe.parentFacts.map(Self.line)
            let facts: [(name: String, value: String)] = [
                ("created", run.createdAt.formatted(.iso8601)), ("model", recipe.model), ("seed", "\(seed)"),
                ("trained", "\(Units.count(trainedParameters)) parameters"),
                ("data set", "\(Units.count(epochSamples)) samples an epoch"),
                ("steps", "\(Units.count(run.steps)) of \(Units.count(run.totalSteps))"),
                ("durability", "\(run.durability)\(run.durableVersion.map { ", newest durable version \($0)" } ?? "")"),
                ("recipe", recipeDigest), ("layout", layoutDigest), ("index", datasetDigest),
            ]
            lines += facts.map(Self.line)
            if !evaluations.isEmpty { lines.append("  evaluations") }
            lines += EvaluationCurve.lines(evaluations).map { "    " + $0 }
            if !events.isEmpty { lines.append("  events, the newest first") }
            lines += events.map { event in
                "    \(event.at.formatted(.iso8601))  \(event.kind)\(event.detail == "{}" ? "" : "  " + event.detail)"
            }
            return lines.joined(separator: "\n")
        }
    }
}

extension Recipe {
    /// Where the prompts come from that a run began with, line by line.
    fileprivate var parentFacts: [(name: String, value: String)] {
        guard case .mvpSegPlus(let objective) = self.objective else { return [] }
        let source = objective.parent.map { "prompts of \($0)" } ?? "prompts of the file \(objective.prompts ?? "")"
        return [
            ("parent", "\(source), content \(objective.promptsDigest?.description ?? "not known")"),
            ("encoder", objective.encoder?.description ?? "not known"),
        ]
    }
}
