import Foundation
import Postgres
import Stores
import Testing

extension Fleet {
    func fork(_ name: String, from origin: String, _ settings: [String] = []) async throws -> Run {
        let settings = ["schedule.warmup_updates=0"] + settings
        let fork = try start(["run", "fork", name, "--from", origin] + settings.flatMap { ["--set", $0] })
        #expect(await fork.exitStatus() == 0, "\(fork.text)")
        return try await RunStore(database).run(named: name)
    }

    func digests(_ role: ChunkRole, of version: Version) async throws -> [[UInt8]] {
        try await WeightStore(database).chunks(of: version.id, roles: [role]).map(\.digest)
    }

    /// Rows in the tables whose names begin so.
    func count(_ beginning: String) async throws -> Int {
        var count = 0
        let tables = try await database.query(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'stillhouse' AND starts_with(tablename, \(beginning))"
        )
        for table in tables {
            let name: String = try table.decode("tablename")
            let rows = try await database.query("SELECT count(*) AS n FROM stillhouse.\(identifier: name)")
            count += try #require(rows.first).decode("n", as: Int.self)
        }
        return count
    }

    /// Summed over the run's applied gradients.
    func loss(of run: Run) async throws -> Double {
        let rows = try await database.query(
            """
            SELECT sum(loss) AS loss FROM stillhouse.gradient WHERE run_id = \(run.id) AND state = 'applied'
            """
        )
        return try #require(rows.first).decode("loss")
    }
}
