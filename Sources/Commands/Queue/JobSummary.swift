import Foundation
import Stores

/// A job as it is printed, for people and as JSON.
struct JobSummary: Encodable {
    let id: Int64
    let kind: JobKind
    /// Of an evaluation, the number of the version.
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
    let rejections: Int
    let lastError: String?
    /// Results that the aggregator refused, with who submitted them; nil in a list.
    var rejected: [Rejection]?

    struct Rejection: Encodable {
        let attempt: Int
        let worker: Int64?
        let reason: String
        let submittedAt: Date

        init(_ gradient: RejectedGradient) {
            (attempt, worker) = (gradient.attempt, gradient.workerAlias)
            (reason, submittedAt) = (gradient.reason, gradient.submittedAt)
        }
    }

    init(_ job: Job) {
        (id, kind, state) = (job.id.rawValue, job.kind, job.state)
        (attempt, worker) = (job.attempt, job.workerAlias)
        (step, ordinal, epoch) = (job.arguments.step, job.arguments.ordinal, job.arguments.epoch)
        (firstIndex, samples) = (job.arguments.firstIndex, job.arguments.sampleCount)
        (availableAt, claimedAt) = (job.availableAt, job.claimedAt)
        (deadlineAt, finishedAt) = (job.deadlineAt, job.finishedAt)
        (errors, rescues, rejections, lastError) = (job.errors, job.rescues, job.rejections, job.lastError)
    }

    static func table(_ jobs: [JobSummary]) -> String {
        var table = TextTable([
            ("job", .right), ("kind", .left), ("step", .right), ("ordinal", .right), ("samples", .right),
            ("state", .left), ("attempt", .right), ("worker", .right), ("errors", .right), ("rescues", .right),
            ("rejected", .right), ("last error", .left),
        ])
        for job in jobs {
            table.append([
                "\(job.id)", "\(job.kind)", "\(job.step)", "\(job.ordinal)", "\(job.samples)", "\(job.state)",
                "\(job.attempt)", job.worker.map(String.init) ?? "-", "\(job.errors)", "\(job.rescues)",
                "\(job.rejections)", job.lastError.map { Self.shortened($0) } ?? "",
            ])
        }
        return table.text
    }

    /// Each fact on a line of its own.
    var text: String {
        func date(_ value: Date?) -> String { value?.formatted(.iso8601) ?? "-" }
        let facts = [
            ("kind", "\(kind)"),
            kind == .evaluate
                ? ("version", "\(step), evaluation.sets[\(ordinal)] of the recipe")
                : ("step", "\(step), ordinal \(ordinal), epoch \(epoch)"),
            ("samples", kind == .evaluate ? "-" : "\(samples) from place \(firstIndex) of the epoch's order"),
            ("attempt", "\(attempt)\(worker.map { ", worker \($0)" } ?? "")"),
            ("available", date(availableAt)), ("claimed", date(claimedAt)), ("deadline", date(deadlineAt)),
            ("finished", date(finishedAt)), ("errors", "\(errors)"), ("rescues", "\(rescues)"),
            ("rejected", "\(rejections)"), ("last error", lastError ?? "-"),
        ]
        let refused = (rejected ?? []).map { gradient in
            let worker = gradient.worker.map { " of worker \($0)" } ?? ""
            return "    attempt \(gradient.attempt)\(worker): \(gradient.reason)"
        }
        return
            (["job \(id): \(state)"] + facts.map { "  " + $0.padding(toLength: 12, withPad: " ", startingAt: 0) + $1 }
            + refused)
            .joined(separator: "\n")
    }

    /// The first line, as far as a table has room for it.
    private static func shortened(_ text: String) -> String {
        let line = text.split(separator: "\n").first.map(String.init) ?? ""
        return line.count > 60 ? line.prefix(59) + "…" : line
    }
}
