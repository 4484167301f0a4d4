import Foundation
import Stores

/// What a metric of an evaluation was in each version that was measured.
package struct EvaluationCurve: Codable, Hashable, Sendable {
    package struct Point: Codable, Hashable, Sendable {
        package let version: Int
        package let value: Double
    }

    /// `scenes.top1`
    package let name: String
    /// In the order of versions, at least one.
    package let points: [Point]

    /// - Parameter metrics: those of evaluations, in the order of names.
    static func all(in metrics: [Metric]) -> [EvaluationCurve] {
        let names = metrics.reduce(into: [String]()) { if $0.last != $1.name { $0.append($1.name) } }
        let values = Dictionary(grouping: metrics, by: \.name)
        return names.map { name in
            EvaluationCurve(
                name: String(name.trimmingPrefix("evaluation.")),
                points: (values[name] ?? []).map { Point(version: $0.number, value: $0.value) }
            )
        }
    }

    /// `scenes.top1  0.6120 at version 2000  ▁▃▅█`, a line each. How many pictures there were is left to the JSON.
    static func lines(_ curves: [EvaluationCurve]) -> [String] {
        let shown = curves.filter { curve in
            ![".images", ".regions"].contains { curve.name.hasSuffix($0) }
        }
        let width = shown.map(\.name.count).max() ?? 0
        return shown.map { curve in
            let (name, last) = (curve.name.padding(toLength: width, withPad: " ", startingAt: 0), curve.points.last)
            let line = name + String(format: "  %.4f at version %d", last?.value ?? .nan, last?.version ?? 0)
            let spark = Sparkline.text(curve.points.suffix(window).map(\.value))
            return spark.isEmpty ? line : line + "  " + spark
        }
    }

    private static let window = 40
}
