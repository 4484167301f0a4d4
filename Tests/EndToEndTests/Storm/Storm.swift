import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// Runs of one small recipe, one after the other, through the faults of a seed.
struct Storm {
    struct Report {
        var strikes: [StormFault: Int] = [:]
        var runsFinished = 0
        var complaints: [String] = []

        var kills: Int { strikes.filter { $0.key.rawValue.hasPrefix("kill") }.values.reduce(0, +) }
    }

    let seed: UInt64
    let duration: Duration

    /// - Parameter digest: in which each run must end.
    func rage(on server: FaultServer, expecting digest: [UInt8]) async throws -> Report {
        let fleet = try await Fleet(at: server.configuration, timeScale: 0.1)
        // So that a crash of the database finds a durable version in a short run, and interrupts checkpoints too.
        try await fleet.database.execute("UPDATE stillhouse.setting SET checkpoint_versions = 5")
        var schedule = StormSchedule(seed: seed)
        var report = Report()
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            let run = try await fleet.createRun("storm-\(report.runsFinished)", .twentySteps)
            let crew = try StormCrew(fleet, run, server)
            do {
                try await weather(run, crew, fleet, &schedule, &report, until: end)
                try await crew.dismiss()
            } catch {
                crew.endAll()
                throw error
            }
            report.complaints += crew.complaints
            try await judge(run, fleet, expecting: digest, &report)
        }
        await fleet.database.close()
        try fleet.remove()
        return report
    }

    private func weather(
        _ run: Run,
        _ crew: StormCrew,
        _ fleet: Fleet,
        _ schedule: inout StormSchedule,
        _ report: inout Report,
        until end: ContinuousClock.Instant
    ) async throws {
        let runs = RunStore(fleet.database)
        let patience = ContinuousClock.now + duration + .seconds(300)
        while let head = try await runs.head(of: run.id), head.state != .finished {
            guard head.state == .active, ContinuousClock.now < patience else {
                throw Stuck(run: run.name, number: head.number, reason: head.reason ?? "no progress")
            }
            if ContinuousClock.now < end, let strike = schedule.next() {
                try await Task.sleep(for: strike.pause)
                if try await crew.suffer(strike) { report.strikes[strike.fault, default: 0] += 1 }
            } else {
                try await Task.sleep(for: .milliseconds(50))
            }
            try await crew.revive()
        }
        // The last fault may have crashed the database after the run's end: that too is to be repaired, by whoever is left.
        try await eventually("the last crash is repaired") {
            try await crew.revive()
            return try await !fleet.database.query("SELECT FROM stillhouse.sentinel", retry: .idempotent).isEmpty
        }
    }

    private func judge(_ run: Run, _ fleet: Fleet, expecting digest: [UInt8], _ report: inout Report) async throws {
        report.runsFinished += 1
        let last = try #require(try await WeightStore(fleet.database).head(of: run.id))
        if last.update.chainDigest != digest { report.complaints.append("\(run.name) ended in other weights") }
        for invariant in try await LedgerVerifier(fleet.database).verify(deep: true) where !invariant.isHonoured {
            report.complaints.append("after \(run.name): \(invariant.name): \(invariant.violations)")
        }
    }

    struct Stuck: Error, CustomStringConvertible {
        let run: String
        let number: Int
        let reason: String
        var description: String { "\(run) is stuck at version \(number): \(reason)" }
    }
}
