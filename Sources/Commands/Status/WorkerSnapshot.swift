package import Foundation
package import Stores

/// A worker at one moment, with what it reported last.
package struct WorkerSnapshot: Codable, Hashable, Sendable {
    package let alias: Int64
    package let host: String
    package let device: String
    package let build: String
    package let numericProfile: String
    /// `active`, `draining`, or `lost` when it has been silent for too long.
    package let state: String
    package let startedAt: Date
    package let secondsSinceSeen: Double
    package let heldJobs: Int
    /// Number of the version that it works on.
    package let version: Int?
    /// Since it joined.
    package let samples: Int
    /// While it computes; nil before its first job.
    package let samplesPerSecond: Double?
    /// Since it joined: results that came too late to count, and jobs that it could not do.
    package let fencedResults: Int
    package let failedJobs: Int
    /// Results that the aggregator refused.
    package let rejectedGradients: Int
    /// Since it joined: cached targets that it found, and those that it had to compute.
    package let foundTargets: Int
    package let missingTargets: Int

    package init(_ worker: Worker, now: Date) {
        alias = worker.alias
        host = worker.description.host
        device = worker.description.device
        build = worker.description.build
        numericProfile = worker.description.numericProfile
        state = worker.isLost ? "lost" : worker.state.rawValue
        startedAt = worker.startedAt
        secondsSinceSeen = max(0, now.timeIntervalSince(worker.lastSeen))
        heldJobs = worker.heldJobCount
        version = worker.number
        func statistic(_ name: String) -> Double { worker.statistics[name] ?? 0 }
        samples = Int(statistic("images"))
        samplesPerSecond = statistic("images_per_second") > 0 ? statistic("images_per_second") : nil
        fencedResults = Int(statistic("fenced_results"))
        failedJobs = Int(statistic("failed_jobs"))
        rejectedGradients = worker.rejectionCount
        foundTargets = Int(statistic("found_targets"))
        missingTargets = Int(statistic("missing_targets"))
    }

    /// A table of several, as `status` and `workers list` print it.
    package static func table(_ workers: [WorkerSnapshot]) -> String {
        var table = TextTable([
            ("worker", .right), ("host", .left), ("device", .left), ("state", .left), ("jobs", .right),
            ("version", .right), ("samples", .right), ("samples/s", .right), ("failed", .right),
            ("rejected", .right), ("seen", .right),
        ])
        for worker in workers {
            table.append([
                "\(worker.alias)", worker.host, worker.device, worker.state, "\(worker.heldJobs)",
                worker.version.map(String.init) ?? "-", Units.count(worker.samples),
                worker.samplesPerSecond.map { String(format: "%.1f", $0) } ?? "-", "\(worker.failedJobs)",
                "\(worker.rejectedGradients)", Units.duration(worker.secondsSinceSeen) + " ago",
            ])
        }
        return table.text
    }
}
