import Foundation
import Postgres
import Stores

/// What rows about crashes of the database share.
extension FaultScene {
    /// Brings the row's server down and up again; the coordinator is stopped meanwhile, so that what the crash has left
    /// can be seen before anybody mends it.
    /// - Parameter coordinator: the one that leads.
    func crash(_ crash: ServerCrash, before coordinator: RoleUnderTest) async throws {
        let server = try ownServer()
        coordinator.signal(SIGSTOP)
        try await until("the coordinator is stopped") { coordinator.isStopped }
        try await server.suffer(crash, over: fleet.database)
        try await until("the sentinel is missing") {
            try await number("SELECT count(*) AS n FROM stillhouse.sentinel") == 0
        }
    }

    /// A durable version every so often, so that a short run has some.
    func checkpointEvery(_ versions: Int) async throws {
        try await fleet.database.execute("UPDATE stillhouse.setting SET checkpoint_versions = \(Int32(versions))")
    }

    func untilDurable(_ number: Int) async throws {
        try await until("version \(number) is durable") {
            try await self.number(
                "SELECT coalesce(max(number), 0)::bigint AS n FROM stillhouse.version WHERE run_id = \(run.id) AND durable"
            ) >= number
        }
    }

    func events(_ kind: String) async throws -> Int {
        try await number("SELECT count(*) AS n FROM stillhouse.event WHERE kind = \(kind)")
    }

    /// Lost versions whose number was reached again with other contents.
    func recomputedOtherwise() async throws -> Int {
        try await number(
            """
            SELECT count(*) AS n FROM stillhouse.version l JOIN stillhouse.version v USING (run_id, number)
            WHERE l.run_id = \(run.id) AND l.state::text = 'lost' AND v.state IN ('published', 'retired')
                AND (l.content_digest, l.chain_digest) IS DISTINCT FROM (v.content_digest, v.chain_digest)
            """
        )
    }
}
