import Postgres
import Stores
import TestSupport
import Testing

/// Any order of claims, lapses, late results and repeated calls must end in the same history.
@Suite("Interleavings", .temporaryDatabase(.migrated))
struct InterleavingTests {
    @Test(
        "whatever workers do, the run ends with the history of an undisturbed one",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func chaos(seed: UInt64) async throws {
        let calm = try await Ledger()
        try await calm.train(calm.openSession(), steps: 4)
        let wild = try await Ledger(in: calm.database, named: "wild")
        // Rescues and errors come more often than any limit foresees; killing jobs has tests of its own.
        try await calm.database.execute(
            "UPDATE stillhouse.setting SET error_limit = 100000, rescue_limit = 100000, backoff_s = 1e-6"
        )
        try await calm.database.execute("UPDATE stillhouse.setting SET backoff_maximum_s = 1e-6")
        var fleet = Fleet(ledger: wild, generator: SeededGenerator(seed: seed))
        var moves = 0
        while try await wild.runs.head(of: wild.run)?.state == .active, moves < 3000 {
            try await fleet.move()
            moves += 1
        }
        #expect(try await wild.runs.head(of: wild.run)?.state == .finished, "seed \(seed), \(moves) moves")
        let difference = try await wild.verifier.firstDifference(between: calm.run, and: wild.run)
        #expect(difference == nil, "seed \(seed)")
        #expect(try await wild.brokenInvariants(deep: true) == [], "seed \(seed)")
    }

    /// Workers that forget, fall silent, return late and repeat themselves, and an aggregator that does too.
    private struct Fleet {
        let ledger: Ledger
        var generator: SeededGenerator
        var sessions: [SessionID] = []
        /// Everything ever claimed, so that any of it may come back from the dead.
        var claims: [ClaimedJob] = []

        mutating func move() async throws {
            if sessions.isEmpty { sessions.append(try await ledger.openSession()) }
            let session = sessions[Int.random(in: sessions.indices, using: &generator)]
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: sessions.append(try await ledger.openSession())
            case 1...3: claims += try await ledger.jobs.claim(for: session, limit: 2)
            case 4, 5: if let job = anyClaim() { try await ledger.finish(job) }
            case 6: if let job = anyClaim() { try await ledger.upload(job) }
            case 7: if let job = anyClaim() { try await ledger.jobs.release(job.token) }
            case 8: if let job = anyClaim() { try await ledger.jobs.fail(job.token, error: "chaos") }
            case 9:
                try await ledger.silence(session)
                _ = try await ledger.jobs.rescue(limit: 2, under: ledger.coordinator)
            case 10:
                if try await ledger.workers.close(session, exitCode: 0) { sessions.removeAll { $0 == session } }
            default: try await publishIfComplete()
            }
        }

        private mutating func anyClaim() -> ClaimedJob? {
            claims.isEmpty ? nil : claims[Int.random(in: claims.indices, using: &generator)]
        }

        private func publishIfComplete() async throws {
            try await ledger.retention.deleteGradientParts(under: ledger.coordinator)
            guard try await ledger.steps.open(of: ledger.run)?.isComplete == true else { return }
            let (first, second) = (try await ledger.draft(), try await ledger.draft())
            #expect(try await ledger.weights.publish(first.id, members: first.members, under: ledger.aggregator))
            #expect(
                try await ledger.weights.publish(second.id, members: second.members, under: ledger.aggregator) == false
            )
        }
    }
}
