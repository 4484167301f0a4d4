import Evaluators
import Foundation
import Images
import Postgres
import Recipes
import Stores

/// What a quickstart leaves behind: the report, and pictures to look at.
struct QuickstartFiles {
    let output: URL
    let run: Run
    let recipe: Recipe

    private struct Report: Encodable {
        let run: String
        let recipe: Recipe
        /// Mean loss of each step, in order.
        let losses: [Double]
        let before: RegionEvaluation?
        let after: RegionEvaluation?
    }

    /// Writes the report.
    func writeReport(losses: [Double], before: RegionEvaluation?, after: RegionEvaluation?) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let report = Report(run: run.name, recipe: recipe, losses: losses, before: before, after: after)
        try encoder.encode(report).write(to: output.appendingPathComponent("report.json"))
    }
}
