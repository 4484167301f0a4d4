import Foundation
import Stores

/// A worker at one moment, with what it reported last.
struct WorkerSnapshot: Codable, Hashable, Sendable {
    let alias: Int64
    let host: String
    let device: String
    let build: String
    let numericProfile: String
    /// `active`, `draining`, or `lost` when it has been silent for too long.
    let state: String
    let startedAt: Date
    let secondsSinceSeen: Double
    let heldJobs: Int
    /// Number of the version that it works on.
    let version: Int?
    /// Since it joined.
    let samples: Int
    /// While it computes; nil before its first job.
    let samplesPerSecond: Double?
    /// Since it joined: results that came too late to count, and jobs that it could not do.
    let fencedResults: Int
    let failedJobs: Int

    init(_ worker: Worker, now: Date) {
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
    }

    /// A table of several, as `status` and `workers list` print it.
    static func table(_ workers: [WorkerSnapshot]) -> String {
        var table = TextTable([
            ("worker", .right), ("host", .left), ("device", .left), ("state", .left), ("jobs", .right),
            ("version", .right), ("samples", .right), ("samples/s", .right), ("failed", .right), ("seen", .right),
        ])
        for worker in workers {
            table.append([
                "\(worker.alias)", worker.host, worker.device, worker.state, "\(worker.heldJobs)",
                worker.version.map(String.init) ?? "-", Units.count(worker.samples),
                worker.samplesPerSecond.map { String(format: "%.1f", $0) } ?? "-", "\(worker.failedJobs)",
                Units.duration(worker.secondsSinceSeen) + " ago",
            ])
        }
        return table.text
    }
}
