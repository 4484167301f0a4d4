import Foundation
import Postgres
import Stores
import TestSupport
import Testing

@Suite(.temporaryDatabase(.migrated)) struct RoundTripTests {
    @Test("an ordinary job of a small gradient takes two round trips: its claim, and its submission with the gradient")
    func ordinaryJob() async throws {
        let fleet = try await Fleet()
        // Two equal starts, of which one goes on for two jobs longer.
        let short = try await roundTrips(untilJob: 2, of: "short", in: fleet)
        let long = try await roundTrips(untilJob: 4, of: "long", in: fleet)
        #expect(long - short == 4, "\(short) until the second job is claimed, \(long) until the fourth")
        try fleet.remove()
    }

    /// Those of a fresh worker's busiest connection until its n-th claim.
    private func roundTrips(untilJob count: Int, of name: String, in fleet: Fleet) async throws -> Int {
        let run = try await fleet.createPlannedRun(name)
        let host = try #require(fleet.database.configuration[option: "host"])
        let port = try #require(fleet.database.configuration[option: "port"])
        let proxy = try FaultyProxy(to: "\(host)/.s.PGSQL.\(port)")
        defer { proxy.close() }
        let worker = try fleet.start(
            ["worker", "start", "--run", run.name, "--threads", "1"],
            fault: "worker.claimed:\(count)",
            through: proxy,
            cache: name
        )
        try await eventually("the worker has claimed \(count) jobs") { worker.isStopped }
        return proxy.roundTrips
    }
}
