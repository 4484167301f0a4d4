import Foundation
import Stores

/// A run in a list, for people and as JSON.
struct RunSummary: Encodable {
    let id: Int64
    let name: String
    let state: RunState
    let isPaused: Bool
    let reason: String?
    let steps: Int
    let totalSteps: Int
    let samples: Int
    let createdAt: Date

    init(_ run: Run) {
        (id, name, createdAt) = (run.id.rawValue, run.name, run.createdAt)
        (state, isPaused, reason) = (run.head.state, run.head.isPaused, run.head.reason)
        (steps, totalSteps, samples) = (run.head.number, run.totalSteps, run.head.samplesTotal)
    }

    static func table(_ runs: [RunSummary]) -> String {
        var table = TextTable([
            ("name", .left), ("state", .left), ("steps", .right), ("of", .right), ("samples", .right),
            ("created", .left), ("reason", .left),
        ])
        for run in runs {
            table.append([
                run.name, run.isPaused && !run.state.isOver ? "\(run.state), paused" : "\(run.state)",
                Units.count(run.steps), Units.count(run.totalSteps), Units.count(run.samples),
                run.createdAt.formatted(.iso8601), run.reason ?? "",
            ])
        }
        return table.text
    }
}
