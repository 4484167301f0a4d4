import Foundation
import Postgres
import Stores
import TestSupport
import Testing

/// One database, a few runs of small recipes, and the processes that serve them.
struct Fleet {
    let database: Database
    /// How processes reach the database: libpq's keywords.
    let conninfo: String
    /// What the time constants were multiplied by.
    let timeScale: Double
    private let directory: URL

    /// - Parameter timeScale: of every time constant in the database; leases of two seconds instead of twenty.
    init(timeScale: Double = 0.1) async throws {
        try await self.init(at: TemporaryDatabase.current.configuration, timeScale: timeScale)
    }

    /// - Parameter configuration: of a migrated database.
    init(at configuration: PostgresConfiguration, timeScale: Double = 0.1) async throws {
        database = Database(
            configuration,
            logger: TemporaryDatabase.silentLogger,
            name: "fleet",
            persistence: Database.Persistence(patience: .seconds(60))
        )
        conninfo = ["host", "port", "user", "dbname"].compactMap { keyword in
            configuration[option: keyword].map { "\(keyword)=\($0)" }
        }.joined(separator: " ")
        self.timeScale = timeScale
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("stillhouse-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        if timeScale != 1 { try await SettingStore(database).scaleTimes(by: timeScale) }
    }

    /// The pictures that ship with the repository.
    var samples: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Deploy/samples").path
    }

    /// A file of the fleet's own, removed with it.
    func file(_ name: String) -> String { directory.appendingPathComponent(name).path }

    func remove() throws { try FileManager.default.removeItem(at: directory) }

    func createRun(_ name: String, _ recipe: SmallRecipe = .twentySteps, settings: [String] = []) async throws -> Run {
        let overlay =
            recipe.settings + settings + [
                "data.root=\(samples)/training", "data.annotations=\(samples)/training.json",
            ]
        let creation = try start(
            ["run", "create", name, "--recipe", "quickstart"] + overlay.flatMap { ["--set", $0] }
        )
        #expect(await creation.exitStatus() == 0, "\(creation.text)")
        return try await RunStore(database).run(named: name)
    }

    /// - Parameters:
    ///   - fault: a fault point, as `STILLHOUSE_FAULT_POINT` has it.
    ///   - proxy: to go through, instead of straight to the server.
    ///   - environment: beside what every process of the fleet gets.
    ///   - cache: of this name, shared by all who name none.
    func start(
        _ arguments: [String],
        fault: String? = nil,
        through proxy: FaultyProxy? = nil,
        environment more: [String: String] = [:],
        cache: String = "cache"
    ) throws -> RoleUnderTest {
        var environment = ["STILLHOUSE_DATABASE_URL": conninfo, "STILLHOUSE_CACHE": directory.path + "/" + cache]
        if let proxy { environment["STILLHOUSE_DATABASE_URL"] = "\(conninfo) host=127.0.0.1 port=\(proxy.port)" }
        environment["STILLHOUSE_FAULT_POINT"] = fault ?? ""
        environment.merge(more) { $1 }
        return try RoleUnderTest(arguments, environment: environment, in: directory)
    }

    func worker(_ run: Run, threads: Int = 1, fault: String? = nil) throws -> RoleUnderTest {
        try start(["worker", "start", "--run", run.name, "--threads", String(threads)], fault: fault)
    }

    /// Sessions whose gradients the run's versions are made of.
    func contributors(to run: Run) async throws -> Int {
        let rows = try await database.query(
            """
            SELECT count(DISTINCT worker_session) AS sessions FROM stillhouse.gradient
            WHERE run_id = \(run.id) AND state = 'applied'
            """
        )
        return try #require(rows.first).decode("sessions")
    }

    /// Attempts of the run's jobs that ended like this.
    func attempts(of run: Run, ended outcome: String) async throws -> Int {
        let rows = try await database.query(
            """
            SELECT count(*) AS attempts FROM stillhouse.job_attempt a JOIN stillhouse.job j USING (job_id)
            WHERE j.run_id = \(run.id) AND a.outcome::text = \(outcome)
            """,
            retry: .idempotent
        )
        return try #require(rows.first).decode("attempts")
    }

    /// Waits until the run is finished, and returns its last version.
    func lastVersion(of run: Run) async throws -> Version {
        try await eventually("run \(run.name) is finished") {
            try await RunStore(database).head(of: run.id)?.state == .finished
        }
        return try #require(try await WeightStore(database).head(of: run.id))
    }

    /// Every invariant of the ledger holds.
    func expectHonoured() async throws {
        for report in try await LedgerVerifier(database).verify(deep: true) {
            #expect(report.isHonoured, "\(report.name): \(report.violations)")
        }
    }
}
