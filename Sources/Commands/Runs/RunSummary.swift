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
    let durability: RunDurability
    /// Number of the newest version that outlives a crash of the database.
    let durableVersion: Int?
    /// Since when its newest version is missing after a crash of the database.
    let restoringSince: Date?
    let createdAt: Date

    init(_ run: Run) {
        (id, name, createdAt) = (run.id.rawValue, run.name, run.createdAt)
        (state, isPaused, reason) = (run.head.state, run.head.isPaused, run.head.reason)
        (steps, totalSteps, samples) = (run.head.number, run.totalSteps, run.head.samplesTotal)
        (durability, durableVersion, restoringSince) = (run.durability, run.durableNumber, run.head.restoringSince)
    }

    /// `active, paused`, `active, restoring`.
    var stateText: String { state.text(isPaused: isPaused, isRestoring: restoringSince != nil) }

    static func table(_ runs: [RunSummary]) -> String {
        var table = TextTable([
            ("name", .left), ("state", .left), ("steps", .right), ("of", .right), ("samples", .right),
            ("created", .left), ("reason", .left),
        ])
        for run in runs {
            table.append([
                run.name, run.stateText,
                Units.count(run.steps), Units.count(run.totalSteps), Units.count(run.samples),
                run.createdAt.formatted(.iso8601), run.reason ?? "",
            ])
        }
        return table.text
    }
}
