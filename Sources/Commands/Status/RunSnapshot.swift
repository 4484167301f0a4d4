import Foundation
import Stores

/// Where a run stands at one moment: what `status` and `quickstart` show.
struct RunSnapshot: Codable, Hashable, Sendable {
    /// By the database's clock, as all times here.
    let readAt: Date
    let name: String
    let state: RunState
    let isPaused: Bool
    /// Why it is blocked or cancelled.
    let reason: String?

    /// Applied so far; also the number of the newest version.
    let steps: Int
    let totalSteps: Int
    let samples: Int
    let epochSamples: Int
    let badSamples: Int
    /// The step that is being worked on.
    let openStep: Step?

    /// Of the newest version that has them.
    let loss: Double?
    let learningRate: Double?
    let gradientNorm: Double?
    /// Of the last versions, the oldest first.
    let recentLosses: [Double]

    /// nil while fewer than two versions are out, and once the run is over.
    let pace: Pace?
    /// From creation to the newest version.
    let secondsSpent: Double
    /// At the present pace; nil without one, and while the run is paused or blocked.
    let secondsLeft: Double?
    let secondsSinceLastVersion: Double?

    /// By `JobState`; every state has its number.
    let jobs: [String: Int]
    let workers: [WorkerSnapshot]

    /// How far the open step is.
    struct Step: Codable, Hashable, Sendable {
        let step: Int
        let jobs: Int
        let submitted: Int
        let cancelled: Int
        let dead: Int
    }

    /// Done, from 0 to 1.
    var fraction: Double { totalSteps > 0 ? Double(steps) / Double(totalSteps) : 1 }

    /// Passes over the data set.
    var epochs: Double { epochSamples > 0 ? Double(samples) / Double(epochSamples) : 0 }

    var isOver: Bool { state.isOver }
}
