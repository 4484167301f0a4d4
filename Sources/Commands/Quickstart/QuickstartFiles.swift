import Checkpoints
import Datasets
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
        let regions: [RegionComparison.Result]
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

    func writeReport(losses: [Double], _ findings: QuickstartFindings) throws -> [String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let report = Report(run: run.name, recipe: recipe, losses: losses, regions: findings.regions)
        try OutputFile.write(encoder.encode(report), to: path("report.json"))
        return ["report.json             recipe, loss of every step, scores"]
    }

    func writePictures(_ findings: QuickstartFindings) throws -> [String] {
        try writeLabels(findings) + writeSimilarities(findings.similarities)
    }

    /// Held-out pictures whose objects are named pixel by pixel.
    private func writeLabels(_ findings: QuickstartFindings) throws -> [String] {
        var cells: [ContactSheet.Cell] = []
        for (title, names, examples) in findings.labels {
            var overlay = LabelOverlay(names: names)
            overlay.hasLegend = false
            for example in examples {
                func cell(_ labels: LabelMap, _ caption: String) -> ContactSheet.Cell {
                    ContactSheet.Cell(overlay.draw(labels.values, over: example.image), caption: [caption])
                }
                func share(_ labels: LabelMap) -> String {
                    String(format: "%.0f %% of the pixels right", 100 * labels.agreement(with: example.truth))
                }
                cells += [
                    ContactSheet.Cell(example.image, caption: [title]),
                    cell(example.truth, "what they are"),
                    cell(example.before, "before: \(share(example.before))"),
                    cell(example.after, "after: \(share(example.after))"),
                ]
            }
        }
        guard !cells.isEmpty else { return [] }
        let count = findings.labels.map(\.names.count).max() ?? 0
        let sheet = ContactSheet(title: "Which of \(count) nouns is each pixel of an object?", columns: 4, side: 280)
        try OutputFile.write(PNGEncoder().encode(sheet.draw(cells)), to: path("labels.png"))
        return ["labels.png              what dense features call the objects of held-out pictures, before and after"]
    }

    /// Held-out pictures with one region each: its box, its crop, and where the features resemble that crop.
    private func writeSimilarities(_ examples: [RegionComparison.Example]) throws -> [String] {
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
