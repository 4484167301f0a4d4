import AggregatorRole
import Foundation
import Transfers
import WorkerRole

/// Where the time of jobs and steps went, and how near the overhead is to its floor.
struct E2EReport: Encodable {
    struct Setup: Encodable {
        let model: String
        let parameterCount: Int
        /// Numbers that a job hands in: the gradient, and what some objectives sum up behind it.
        let payloadCount: Int
        let jobsPerStep: Int
        let workers: Int
        let threads: Int
        let warmup: Int

        /// How many parts they travel in.
        var partCount: Int { ChunkLayout(parameterCount: payloadCount).chunkCount }
    }

    /// What no call can go below, measured on the same server.
    struct Yardstick {
        let roundTrip: Duration
        let commit: Duration
    }

    /// One part of a job's or a step's time, over all that were measured.
    struct Part: Encodable {
        let name: String
        let medianMilliseconds: Double
        let meanMilliseconds: Double
        let p90Milliseconds: Double
        /// Of the mean of the whole.
        var share = 0.0

        init(_ name: String, _ durations: [Duration]) {
            self.name = name
            let sorted = durations.map { $0 / .milliseconds(1) }.sorted()
            medianMilliseconds = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
            p90Milliseconds = sorted.isEmpty ? 0 : sorted[sorted.count * 9 / 10]
            meanMilliseconds = sorted.isEmpty ? 0 : sorted.reduce(0, +) / Double(sorted.count)
        }
    }

    let machine: BenchMachine
    let setup: Setup
    let jobsMeasured: Int
    let jobsPerSecond: Double
    /// Of an empty statement, the median in this run.
    let roundTripMilliseconds: Double
    /// That an ordinary job makes: its claim, and its gradient with the submission; each waits for the disk.
    static let roundTripsPerJob = 2
    /// Of the smallest statement that is written to disk before it is answered, the median in this run.
    let commitMilliseconds: Double
    /// Median over jobs of claim, push and submission, of those that started from weights at hand.
    let overheadMilliseconds: Double
    let floorMilliseconds: Double
    let job: [Part]
    let step: [Part]

    init(_ record: E2ERecorder.Record, setup: Setup, yardstick: Yardstick) {
        let jobs = record.jobs.filter { $0.timings.step >= setup.warmup }
        let timings = jobs.map(\.timings)
        machine = BenchMachine.read()
        self.setup = setup
        jobsMeasured = jobs.count
        let span = timings.map(\.submittedAt).max().flatMap { last in
            timings.map(\.claimedAt).min().map { last - $0 }
        }
        jobsPerSecond = span.map { Double(jobs.count) / ($0 / .seconds(1)) } ?? 0
        roundTripMilliseconds = yardstick.roundTrip / .milliseconds(1)
        let settled = timings.filter { $0.pull == .zero }
        overheadMilliseconds = Part("", settled.map(\.overhead)).medianMilliseconds
        commitMilliseconds = yardstick.commit / .milliseconds(1)
        floorMilliseconds = (roundTripMilliseconds + commitMilliseconds) * Double(Self.roundTripsPerJob)
        job = Self.shared([
            Part("claim", timings.map(\.claim)),
            Part("pull of new weights", timings.map(\.pull)),
            Part("compute", timings.map(\.compute)),
            Part("push and submit", timings.map(\.handIn)),
            Part("wait for the step", Self.waits(jobs)),
        ])
        step = Self.shared(Self.steps(jobs.map(\.timings), record.versions))
    }

    /// Between the end of a job and the claim that brought the worker's next one.
    private static func waits(_ jobs: [E2ERecorder.Job]) -> [Duration] {
        Dictionary(grouping: jobs, by: \.worker).values.flatMap { jobs -> [Duration] in
            let timings = jobs.map(\.timings).sorted { $0.claimedAt < $1.claimedAt }
            return zip(timings, timings.dropFirst()).map { max(.zero, $1.claimedAt - $0.submittedAt) }
        }
    }

    /// What lies between the last submission of a step and the first claim of the next.
    private static func steps(_ jobs: [JobTimings], _ versions: [VersionTimings]) -> [Part] {
        let byStep = Dictionary(grouping: jobs, by: \.step)
        var (notice, known, whole): ([Duration], [Duration], [Duration]) = ([], [], [])
        let counted = versions.filter { byStep[$0.step] != nil && byStep[$0.step + 1] != nil }
        for version in counted {
            guard let last = byStep[version.step]?.map(\.submittedAt).max(),
                let next = byStep[version.step + 1]?.map({ $0.claimedAt + $0.claim }).min()
            else { continue }
            notice.append(max(.zero, version.noticedAt - last))
            known.append(max(.zero, next - version.publishedAt))
            whole.append(next - last)
        }
        return [
            Part("last gradient noticed", notice), Part("reduce", counted.map(\.reduce)),
            Part("apply", counted.map(\.apply)), Part("store weights", counted.map(\.store)),
            Part("draft and publish", counted.map(\.decide)), Part("next job claimed", known),
            Part("whole turn", whole),
        ]
    }

    private static func shared(_ parts: [Part]) -> [Part] {
        let isSummed = parts.last?.name == "whole turn"
        let total =
            isSummed ? parts.last?.meanMilliseconds ?? 0 : parts.reduce(0) { $0 + $1.meanMilliseconds }
        return parts.map { part in
            var part = part
            part.share = total > 0 ? part.meanMilliseconds / total : 0
            return part
        }
    }

    var text: String {
        let head = """
            \(machine.text)
            model    \(setup.model), \(Units.count(setup.parameterCount)) trained parameters in \(setup.partCount) parts
            fleet    \(setup.workers) workers of \(setup.threads) threads, \(setup.jobsPerStep) jobs a step
            measure  \(jobsMeasured) jobs after \(setup.warmup) steps of warm-up, \
            \(String(format: "%.1f", jobsPerSecond)) jobs/s
            """
        let foot = String(
            format: """
                fixed overhead of a job    %.2f ms (claim, push, submit; weights at hand)
                its floor                  %.2f ms (%d round trips of %.3f ms, each with a commit of %.3f ms): %.1f times
                """,
            overheadMilliseconds,
            floorMilliseconds,
            Self.roundTripsPerJob,
            roundTripMilliseconds,
            commitMilliseconds,
            overheadMilliseconds / floorMilliseconds
        )
        return [head, Self.table("a job", job), Self.table("between two steps", step), foot].joined(separator: "\n\n")
    }

    private static func table(_ title: String, _ parts: [Part]) -> String {
        var table = TextTable([
            (title, .left), ("median ms", .right), ("mean ms", .right), ("p90 ms", .right), ("share", .right),
        ])
        for part in parts {
            table.append([
                part.name, String(format: "%.2f", part.medianMilliseconds),
                String(format: "%.2f", part.meanMilliseconds), String(format: "%.2f", part.p90Milliseconds),
                String(format: "%.1f %%", 100 * part.share),
            ])
        }
        return table.text
    }
}

extension JobTimings {
    /// All of it that is neither computing nor fetching new weights.
    fileprivate var overhead: Duration { claim + handIn }
}
