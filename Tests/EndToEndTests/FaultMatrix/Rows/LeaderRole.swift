import Stores
import Testing

/// Whoever of several processes leads at a time.
enum LeaderRole: String, Sendable {
    case coordinator
    case aggregator
}

extension FaultScene {
    func start(_ role: LeaderRole, fault: String? = nil) throws -> RoleUnderTest {
        switch role {
        case .coordinator: try coordinator()
        case .aggregator: try aggregator(fault: fault)
        }
    }

    /// The number of the present term; 0 while nobody leads.
    func term(of role: LeaderRole) async throws -> Int {
        let name = role == .coordinator ? LeaderName.coordinator : .aggregator(of: run.id)
        let leader = try await LeaderStore(fleet.database).list().first { $0.name == name }
        return leader.map { $0.isLeading ? $0.term : 0 } ?? 0
    }

    /// Starts a leader, waits until it leads, then starts its standby.
    func pair(_ role: LeaderRole, fault: String? = nil) async throws -> (leader: RoleUnderTest, standby: RoleUnderTest)
    {
        let leader = try start(role, fault: fault)
        try await until("the first \(role.rawValue) leads") { try await term(of: role) > 0 }
        let standby = try start(role)
        try await until("the second \(role.rawValue) stands by") { standby.text.contains("standing by") }
        return (leader, standby)
    }
}
