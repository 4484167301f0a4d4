import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// The processes of one run in a storm, each started again when it has ended, as systemd would.
final class StormCrew {
    private enum Part: CaseIterable {
        case coordinator
        case aggregator
        case worker

        var count: Int { self == .worker ? 3 : self == .aggregator ? 2 : 1 }
    }

    private struct Member {
        let part: Part
        var role: RoleUnderTest
        var mayEndBy: Set<Int32> = [0, 69, 75]
    }

    private let fleet: Fleet
    private let run: Run
    private let server: FaultServer
    private var members: [Member] = []
    private(set) var complaints: [String] = []

    init(_ fleet: Fleet, _ run: Run, _ server: FaultServer) throws {
        (self.fleet, self.run, self.server) = (fleet, run, server)
        for part in Part.allCases {
            for _ in 0..<part.count { members.append(Member(part: part, role: try start(part))) }
        }
    }

    private func start(_ part: Part) throws -> RoleUnderTest {
        return switch part {
        case .coordinator: try fleet.start(["coordinator", "start"])
        case .aggregator: try fleet.start(["aggregator", "start", "--run", run.name])
        case .worker: try fleet.start(["worker", "start", "--run", run.name, "--threads", "1"])
        }
    }

    /// Starts again whoever has ended.
    func revive() async throws {
        for index in members.indices where !members[index].role.isRunning {
            let status = await members[index].role.exitStatus() ?? .max
            if !members[index].mayEndBy.contains(status) {
                complaints.append(
                    "a \(members[index].part) ended with \(status): \(members[index].role.text.suffix(2000))"
                )
            }
            members[index] = Member(part: members[index].part, role: try start(members[index].part))
        }
    }

    /// - Returns: whether there was somebody to strike.
    func suffer(_ strike: StormSchedule.Strike) async throws -> Bool {
        switch strike.fault {
        case .killWorker: return send(SIGKILL, to: .worker, strike)
        case .killAggregator: return send(SIGKILL, to: .aggregator, strike)
        case .killCoordinator: return send(SIGKILL, to: .coordinator, strike)
        case .drainWorker: return send(SIGTERM, to: .worker, strike)
        case .stopWorker: return stop(.worker, strike)
        case .stopAggregator: return stop(.aggregator, strike)
        case .endSession: return try await endSessions(limit: 1)
        case .endSessions: return try await endSessions(limit: 1000)
        case .restartServer:
            try await server.stopFast()
            try await server.start()
            return true
        case .stopServerAtOnce: return try await crashServer(.immediateStop)
        case .killBackend: return try await crashServer(.killedBackend)
        case .killPostmaster: return try await crashServer(.killedPostmaster)
        }
    }

    private func crashServer(_ crash: ServerCrash) async throws -> Bool {
        try await server.suffer(crash, over: fleet.database)
        return true
    }

    private func candidates(_ part: Part) -> [Int] {
        members.indices.filter { members[$0].part == part && members[$0].role.isRunning }
    }

    private func send(_ signal: Int32, to part: Part, _ strike: StormSchedule.Strike) -> Bool {
        let candidates = candidates(part)
        guard !candidates.isEmpty else { return false }
        let index = candidates[strike.lot % candidates.count]
        // Who has only just begun to run does not listen to SIGTERM yet, and dies of it.
        members[index].mayEndBy.insert(-signal)
        members[index].role.signal(signal)
        return true
    }

    /// The victim is continued later by a task of its own, unless it is killed first.
    private func stop(_ part: Part, _ strike: StormSchedule.Strike) -> Bool {
        let candidates = candidates(part)
        guard !candidates.isEmpty else { return false }
        let process = members[candidates[strike.lot % candidates.count]].role.processIdentifier
        kill(process, SIGSTOP)
        Task {
            try await Task.sleep(for: strike.length)
            kill(process, SIGCONT)
        }
        return true
    }

    private func endSessions(limit: Int) async throws -> Bool {
        let rows = try await fleet.database.query(
            """
            SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) AS n FROM (
                SELECT pid FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                ORDER BY random() LIMIT \(limit)
            ) victims
            """,
            retry: .idempotent
        )
        return try #require(rows.first).decode("n", as: Int.self) > 0
    }

    /// Lets the roles whose run is over leave; the coordinator is told to.
    func dismiss() async throws {
        for member in members where member.part == .coordinator { member.role.signal(SIGTERM) }
        let deadline = ContinuousClock.now + .seconds(60)
        for member in members {
            while member.role.isRunning {
                if ContinuousClock.now > deadline {
                    complaints.append("a \(member.part) does not leave: \(member.role.text.suffix(2000))")
                    member.role.signal(SIGKILL)
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    func endAll() {
        for member in members where member.role.isRunning { member.role.signal(SIGKILL) }
    }
}
