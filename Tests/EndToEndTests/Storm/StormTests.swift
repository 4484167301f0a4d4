import Foundation
import TestSupport
import Testing

/// `Deploy/storm` runs it for minutes; without being asked it rages for some twenty seconds.
@Suite(.serialized) struct StormTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test("whoever is killed, stopped or cut off, every run ends in the same weights and a clean ledger")
    func storm() async throws {
        let seed = Self.environment["STILLHOUSE_STORM_SEED"].flatMap(UInt64.init) ?? 2026
        let seconds = Self.environment["STILLHOUSE_STORM_SECONDS"].flatMap(Int.init) ?? 20
        let digest = try await TemporaryDatabase.withCopy(of: .migrated) {
            try await UndisturbedRun.chainDigest(of: .twentySteps)
        }
        let server = try await FaultServer()
        defer { server.remove() }
        let report = try await Storm(seed: seed, duration: .seconds(seconds)).rage(on: server, expecting: digest)
        print("storm: seed \(seed), \(seconds) s, \(report.runsFinished) runs finished, \(report.kills) kills")
        for fault in StormFault.allCases { print("storm: \(report.strikes[fault] ?? 0) × \(fault.rawValue)") }
        #expect(report.complaints == [])
        #expect(report.runsFinished > 0)
        #expect(report.kills > 0)
    }

    @Test("the same seed brings the same faults, another seed others")
    func schedule() {
        let first = Array(StormSchedule(seed: 7).prefix(500))
        #expect(first == Array(StormSchedule(seed: 7).prefix(500)))
        #expect(first != Array(StormSchedule(seed: 8).prefix(500)))
        #expect(Set(first.map(\.fault)) == Set(StormFault.allCases))
    }
}
