import Checkpoints
import Foundation
import Postgres
import Stores

/// Claims and completes empty jobs, beside pgbench with the same two statements.
struct QueueBench {
    let bench: BenchDatabase
    let jobCount: Int
    let rounds: Int
    /// Jobs that one measurement takes, one at a time and in batches.
    let single = 500
    let batched = 4000
    let batchSize = 50

    func run() async throws -> QueueReport {
        let pgbench = try Pgbench(bench)
        let database = bench.connect("bench")
        let run = try await BenchRun.create([0], stepCount: 0, in: database)
        let available = (single + batched) * 2 * (rounds + 1)
        try await QueueYardstick(database)
            .addJobs(max(jobCount, available), available: available, to: run.run)
        var report = QueueReport(jobCount: max(jobCount, available), rounds: rounds, batchSize: batchSize)
        for round in 0...rounds {
            var claims: [Double] = []
            let own = try await complete(single, atOnce: 1, run, database, claims: &claims)
            let theirs = try await pgbench.jobsPerSecond(session: run.session, jobs: single, atOnce: 1)
            var ignored: [Double] = []
            let ownBatched = try await complete(batched, atOnce: batchSize, run, database, claims: &ignored)
            let theirsBatched = try await pgbench.jobsPerSecond(session: run.session, jobs: batched, atOnce: batchSize)
            guard round > 0 else { continue }
            report.single.note(own: own, pgbench: theirs)
            report.batched.note(own: ownBatched, pgbench: theirsBatched)
            report.claimSeconds += claims
        }
        await database.close()
        return report
    }

    /// - Returns: jobs a second.
    private func complete(
        _ count: Int,
        atOnce: Int,
        _ run: BenchRun,
        _ database: Database,
        claims: inout [Double]
    ) async throws -> Double {
        let (jobs, gradients) = (JobStore(database), GradientStore(database))
        let empty = [UInt8](repeating: 0, count: MemoryLayout<Float>.size)
        let part = GradientPart(index: 0, digest: Digest(of: empty).bytes, data: empty)
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<(count / atOnce) {
            let asked = clock.now
            let claimed = try await jobs.claim(for: run.session, limit: atOnce)
            claims.append((clock.now - asked) / .seconds(1))
            let offers = claimed.map { GradientOffer(token: $0.token, part: part, submission: BenchRun.manifest) }
            let answers = try await gradients.offer(offers, for: run.session)
            guard answers == Array(repeating: .ok, count: atOnce) else {
                throw CommandFailure(.broken, "jobs that were claimed could not be completed: \(Set(answers)).")
            }
        }
        return Double(count) / max((clock.now - start) / .seconds(1), 1e-9)
    }
}
