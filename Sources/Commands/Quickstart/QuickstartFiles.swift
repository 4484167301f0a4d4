import Checkpoints
import Evaluators
import Foundation
import Images
import Postgres
import Recipes
import Stores

/// What a quickstart leaves behind: weights, model file, report, and a picture to look at.
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

    /// The student as it was trained, and its model file under the name that open_clip looks for.
    func writeWeights(_ database: Database) async throws -> [String] {
        let checkpoint = try await VersionExport(database: database).checkpoint(of: run, alpha: 1)
        try checkpoint.write(to: path("model.safetensors"))
        try OutputFile.write(run.model.utf8, to: path("open_clip_config.json"))
        return [
            "model.safetensors       version \(checkpoint.metadata["step"] ?? ""), open_clip's layout",
            "open_clip_config.json   its model",
        ]
    }

    func writeReport(losses: [Double], before: RegionEvaluation?, after: RegionEvaluation?) throws -> [String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let report = Report(run: run.name, recipe: recipe, losses: losses, before: before, after: after)
        try OutputFile.write(encoder.encode(report), to: path("report.json"))
        return ["report.json             recipe, loss of every step, scores"]
    }

    /// Held-out pictures with one region each: its box, its crop, and where the features resemble that crop.
    func writePicture(_ examples: [RegionComparison.Example]) throws -> [String] {
        guard !examples.isEmpty else { return [] }
        let sheet = ContactSheet(title: "Where are features like the crop? Held-out pictures", columns: 4, side: 240)
        let cells = examples.flatMap { example in
            [
                ContactSheet.Cell(example.boxed, caption: ["the region"]),
                ContactSheet.Cell(example.crop, caption: ["its crop, as the teacher sees it"]),
                ContactSheet.Cell(example.before.drawn(), caption: ["before: \(Self.scale(example.before))"]),
                ContactSheet.Cell(example.after.drawn(), caption: ["after: \(Self.scale(example.after))"]),
            ]
        }
        try OutputFile.write(PNGEncoder().encode(sheet.draw(cells)), to: path("similarity.png"))
        return ["similarity.png          where dense features resemble a region's crop, before and after"]
    }

    private func path(_ name: String) -> String { output.appendingPathComponent(name).path }

    private static func scale(_ map: SimilarityMap) -> String {
        String(format: "cosine %.2f (dark) to %.2f", map.range.lowerBound, map.range.upperBound)
    }
}
