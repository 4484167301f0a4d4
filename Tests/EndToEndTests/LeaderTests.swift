import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// One leads, others stand by, and whoever was deposed changes nothing.
@Suite(.temporaryDatabase(.migrated), .serialized) struct LeaderTests {
    /// With leases that a leader keeps even on a machine that is busy with other tests: who leads is what is tested.
    private func patientFleet() async throws -> Fleet {
        let fleet = try await Fleet()
        try await fleet.database.execute(
            "UPDATE stillhouse.setting SET leader_renewal_s = 0.5, leader_stop_s = 4, leader_ttl_s = 5"
        )
        return fleet
    }

    private func leader(_ name: LeaderName, of fleet: Fleet) async throws -> Leader? {
        try await LeaderStore(fleet.database).list().first { $0.name == name }
    }

    private func term(_ name: LeaderName, of fleet: Fleet) async throws -> Int {
        try #require(try await leader(name, of: fleet)).term
    }

    /// Starts one role, waits until it leads, and then starts its standby.
    private func pair(
        _ arguments: [String],
        as name: LeaderName,
        of fleet: Fleet,
        fault: String? = nil
    ) async throws -> (leader: RoleUnderTest, standby: RoleUnderTest) {
        let first = try fleet.start(arguments, fault: fault)
        try await eventually("\(arguments[0]) leads") { try await leader(name, of: fleet)?.isLeading == true }
        let second = try fleet.start(arguments)
        try await eventually("another \(arguments[0]) stands by") {
            _ = try await leader(name, of: fleet)
            return second.text.contains("standing by")
        }
        return (first, second)
    }

    /// Undisturbed, with a coordinator that is running already.
    private func calmEnd(of fleet: Fleet) async throws -> Version {
        let run = try await fleet.createRun("calm")
        let worker = try fleet.worker(run)
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        let version = try await fleet.lastVersion(of: run)
        for role in [worker, aggregator] { #expect(await role.exitStatus() == 0, "\(role.text)") }
        return version
    }

    @Test("when the coordinator is killed its standby goes on with the plan")
    func coordinatorKilled() async throws {
        let fleet = try await patientFleet()
        // A short plan, so that the run cannot end on what the first one planned.
        try await fleet.database.execute("UPDATE stillhouse.setting SET plan_horizon = 2")
        let (first, second) = try await pair(["coordinator", "start"], as: .coordinator, of: fleet)
        let run = try await fleet.createRun("planned")
        try await eventually("the first steps are planned") {
            try await StepStore(fleet.database).plannedCount(of: run.id) > 0
        }
        let deposed = try await term(.coordinator, of: fleet)
        first.signal(SIGKILL)
        #expect(await first.exitStatus() == -SIGKILL)
        let worker = try fleet.worker(run)
        let aggregator = try fleet.start(["aggregator", "start", "--run", run.name])
        let end = try await fleet.lastVersion(of: run)
        #expect(end.number == 20)
        #expect(try await term(.coordinator, of: fleet) > deposed)
        for role in [worker, aggregator] { #expect(await role.exitStatus() == 0, "\(role.text)") }
        try await fleet.expectHonoured()
        await second.drain()
        #expect(second.text.components(separatedBy: "standing by").count == 2, "it says so once: \(second.text)")
        try fleet.remove()
    }

    @Test("when the aggregator is killed its standby ends the run in the same bits")
    func aggregatorKilled() async throws {
        let fleet = try await patientFleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await calmEnd(of: fleet)
        let run = try await fleet.createRun("killed")
        let name = LeaderName.aggregator(of: run.id)
        let (first, second) = try await pair(
            ["aggregator", "start", "--run", run.name],
            as: name,
            of: fleet,
            fault: "aggregator.drafted:5"
        )
        let worker = try fleet.worker(run)
        try await eventually("the leader is stopped with its fifth draft") {
            _ = try await leader(name, of: fleet)
            return first.isStopped
        }
        let deposed = try await term(name, of: fleet)
        first.signal(SIGKILL)
        #expect(await first.exitStatus() == -SIGKILL)
        let end = try await fleet.lastVersion(of: run)
        #expect(end.number == 20)
        #expect(end.update.chainDigest == calm.update.chainDigest)
        #expect(end.term > deposed)
        for role in [worker, second] { #expect(await role.exitStatus() == 0, "\(role.text)") }
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("an aggregator that was stopped for two leases and continued is fenced, and nothing of its draft is seen")
    func aggregatorStopped() async throws {
        let fleet = try await patientFleet()
        let coordinator = try fleet.start(["coordinator", "start"])
        let calm = try await calmEnd(of: fleet)
        let run = try await fleet.createRun("stopped")
        let name = LeaderName.aggregator(of: run.id)
        let (first, second) = try await pair(
            ["aggregator", "start", "--run", run.name],
            as: name,
            of: fleet,
            fault: "aggregator.drafted:5"
        )
        let worker = try fleet.worker(run)
        try await eventually("the leader is stopped with its fifth draft") {
            _ = try await leader(name, of: fleet)
            return first.isStopped
        }
        let drafted = Date()
        let deposed = try await term(name, of: fleet)
        let weights = WeightStore(fleet.database)
        let lease = try await SettingStore(fleet.database).read().leaderTimeToLive
        try await eventually("the standby has published, and two leases have passed") {
            let head = try await weights.head(of: run.id)
            return head.map { $0.term > deposed } == true
                && Date().timeIntervalSince(drafted) > 2 * (lease / .seconds(1))
        }
        first.signal(SIGCONT)
        let end = try await fleet.lastVersion(of: run)
        for role in [first, second, worker] { #expect(await role.exitStatus() == 0, "\(role.text)") }
        #expect(first.text.contains("leadership lost"), "\(first.text)")
        #expect(end.update.chainDigest == calm.update.chainDigest)
        let fifth = try #require(try await weights.version(number: 5, of: run.id))
        #expect(fifth.term > deposed, "the draft of the deposed leader is not the version that counts")
        try await fleet.expectHonoured()
        await coordinator.drain()
        try fleet.remove()
    }

    @Test("a leader that is told to leave hands over at once, long before its lease would end")
    func handover() async throws {
        let fleet = try await patientFleet()
        // Nobody would wait for this lease to run out.
        try await fleet.database.execute("UPDATE stillhouse.setting SET leader_stop_s = 3600, leader_ttl_s = 7200")
        let (first, second) = try await pair(["coordinator", "start"], as: .coordinator, of: fleet)
        let third = try fleet.start(["coordinator", "start"])
        try await eventually("a third one stands by") {
            _ = try await leader(.coordinator, of: fleet)
            return third.text.contains("standing by")
        }
        third.signal(SIGTERM)
        #expect(await third.exitStatus() == 0, "a standby leaves as well: \(third.text)")
        let deposed = try await term(.coordinator, of: fleet)
        await first.drain()
        try await eventually("the standby leads") {
            let leader = try await leader(.coordinator, of: fleet)
            return leader.map { $0.isLeading && $0.term > deposed } == true
        }
        await second.drain()
        #expect(try await leader(.coordinator, of: fleet)?.isLeading == false)
        try fleet.remove()
    }
}
