package import Foundation
package import Stores

/// Where a run stands at one moment: what `status` and `quickstart` show.
package struct RunSnapshot: Codable, Hashable, Sendable {
    /// By the database's clock, as all times here.
    package let readAt: Date
    package let name: String
    package let state: RunState
    package let isPaused: Bool
    /// Why it is blocked or cancelled.
    package let reason: String?

    /// What a crash of the database may cost.
    package let durability: RunDurability
    /// Number of the newest version that outlives such a crash.
    package let durableVersion: Int?
    /// Since when the newest version is missing after a crash: nothing goes on until it is back or the run rewound.
    package let restoringSince: Date?

    /// Applied so far; also the number of the newest version.
    package let steps: Int
    package let totalSteps: Int
    package let samples: Int
    package let epochSamples: Int
    package let badSamples: Int
    /// The step that is being worked on.
    package let openStep: Step?

    /// Of the newest version that has them.
    package let loss: Double?
    package let learningRate: Double?
    package let gradientNorm: Double?
    /// Of the last versions, the oldest first.
    package let recentLosses: [Double]

    /// nil while fewer than two versions are out, and once the run is over.
    package let pace: Pace?
    /// From creation to the newest version.
    package let secondsSpent: Double
    /// At the present pace; nil without one, and while the run is paused or blocked.
    package let secondsLeft: Double?
    package let secondsSinceLastVersion: Double?

    /// By `JobState`; every state has its number.
    package let jobs: [String: Int]
    /// What versions have been measured by, in the order of names.
    package let evaluations: [EvaluationCurve]
    /// Of the evaluations alone, by `JobState`; states without any are absent.
    package let evaluationJobs: [String: Int]
    package let workers: [WorkerSnapshot]
    /// Who plans, and who makes this run's versions; nil while nobody leads.
    package let coordinator: LeaderSnapshot?
    package let aggregator: LeaderSnapshot?

    /// How far the open step is.
    package struct Step: Codable, Hashable, Sendable {
        package let step: Int
        /// Jobs that embed its samples before any gradient is computed, and how many have; zero in a step of one phase.
        package let embedJobs: Int
        package let embedded: Int
        /// Those that compute gradients, as are the next two.
        package let jobs: Int
        package let submitted: Int
        package let cancelled: Int
        package let dead: Int
    }

    /// Done, from 0 to 1.
    package var fraction: Double { totalSteps > 0 ? Double(steps) / Double(totalSteps) : 1 }

    /// Passes over the data set.
    package var epochs: Double { epochSamples > 0 ? Double(samples) / Double(epochSamples) : 0 }

    package var isOver: Bool { state.isOver }
}
