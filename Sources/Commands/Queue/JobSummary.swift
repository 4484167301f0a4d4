import Foundation
import Stores

/// A job as it is printed, for people and as JSON.
struct JobSummary: Encodable {
    let id: Int64
    let step: Int
    let ordinal: Int
    let epoch: Int
    /// Place in the epoch's order.
    let firstIndex: Int
    let samples: Int
    let state: JobState
    let attempt: Int
    /// The worker that holds it or did it.
    let worker: Int64?
    let availableAt: Date
    let claimedAt: Date?
    let deadlineAt: Date?
    let finishedAt: Date?
    let errors: Int
    let rescues: Int
    let lastError: String?

    init(_ job: Job) {
        (id, state, attempt, worker) = (job.id.rawValue, job.state, job.attempt, job.workerAlias)
        (step, ordinal, epoch) = (job.arguments.step, job.arguments.ordinal, job.arguments.epoch)
        (firstIndex, samples) = (job.arguments.firstIndex, job.arguments.sampleCount)
        (availableAt, claimedAt) = (job.availableAt, job.claimedAt)
        (deadlineAt, finishedAt) = (job.deadlineAt, job.finishedAt)
        (errors, rescues, lastError) = (job.errors, job.rescues, job.lastError)
    }

    static func table(_ jobs: [JobSummary]) -> String {
        var table = TextTable([
            ("job", .right), ("step", .right), ("ordinal", .right), ("samples", .right), ("state", .left),
            ("attempt", .right), ("worker", .right), ("errors", .right), ("rescues", .right), ("last error", .left),
        ])
        for job in jobs {
            table.append([
                "\(job.id)", "\(job.step)", "\(job.ordinal)", "\(job.samples)", "\(job.state)", "\(job.attempt)",
                job.worker.map(String.init) ?? "-", "\(job.errors)", "\(job.rescues)",
                job.lastError.map { Self.shortened($0) } ?? "",
            ])
        }
        return table.text
    }

    /// Each fact on a line of its own.
    var text: String {
        func date(_ value: Date?) -> String { value?.formatted(.iso8601) ?? "-" }
        let facts = [
            ("step", "\(step), ordinal \(ordinal), epoch \(epoch)"),
            ("samples", "\(samples) from place \(firstIndex) of the epoch's order"),
            ("attempt", "\(attempt)\(worker.map { ", worker \($0)" } ?? "")"),
            ("available", date(availableAt)), ("claimed", date(claimedAt)), ("deadline", date(deadlineAt)),
            ("finished", date(finishedAt)), ("errors", "\(errors)"), ("rescues", "\(rescues)"),
            ("last error", lastError ?? "-"),
        ]
        return
            (["job \(id): \(state)"] + facts.map { "  " + $0.padding(toLength: 12, withPad: " ", startingAt: 0) + $1 })
            .joined(separator: "\n")
    }

    /// The first line, as far as a table has room for it.
    private static func shortened(_ text: String) -> String {
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        return line.count > 60 ? line.prefix(59) + "…" : line
    }
}
