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

    /// The same pictures with a caption each, as a table.
    private func captions() throws -> String {
        let pictures = try FileManager.default.contentsOfDirectory(atPath: samples + "/training").sorted()
        let rows = pictures.enumerated().map { "\($1),a drawing with the number \($0) and words of its own\n" }
        let path = file("pairs.csv")
        try ("image,caption\n" + rows.joined()).write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// A file of the fleet's own, removed with it.
    func file(_ name: String) -> String { directory.appendingPathComponent(name).path }

    func remove() throws { try FileManager.default.removeItem(at: directory) }

    /// Steps of four jobs of two pictures each, twelve to an epoch, with a tower of two blocks.
    func createRun(_ name: String, steps: Int = 20, login: String? = nil) async throws -> Run {
        try await createRun(
            name,
            SmallRecipe.twentySteps.base,
            settings: SmallRecipe.twentySteps.settings + ["schedule.updates=\(steps)"],
            login
        )
    }

    func createRun(_ name: String, _ recipe: SmallRecipe) async throws -> Run {
        try await createRun(name, recipe.base, settings: recipe.settings, nil)
    }

    private func createRun(
        _ name: String,
        _ recipe: String,
        settings: [String],
        _ login: String?
    ) async throws -> Run {
        let pairs = recipe == SmallRecipe.twoPhases.base
        let annotations = pairs ? try captions() : "\(samples)/training.json"
        let kind = pairs ? ["data.kind=pairs"] : []
        let data = ["data.root=\(samples)/training", "data.annotations=\(annotations)"] + kind
        let overlay = (settings + data).flatMap { ["--set", $0] }
        let creation = try start(["run", "create", name, "--recipe", recipe] + overlay, login: login)
        #expect(await creation.exitStatus() == 0, "\(creation.text)")
        return try await RunStore(database).run(named: name)
    }

    /// - Parameters:
    ///   - fault: a fault point, as `STILLHOUSE_FAULT_POINT` has it.
    ///   - proxy: to go through, instead of straight to the server.
    ///   - environment: beside what every process of the fleet gets.
    ///   - cache: of this name, shared by all who name none.
    ///   - login: the database role of the process, instead of the server's superuser.
    func start(
        _ arguments: [String],
        fault: String? = nil,
        through proxy: FaultyProxy? = nil,
        environment more: [String: String] = [:],
        cache: String = "cache",
        login: String? = nil
    ) throws -> RoleUnderTest {
        // Of two values for a keyword libpq takes the last.
        let detour = proxy.map { " host=127.0.0.1 port=\($0.port)" } ?? ""
        let address = conninfo + detour + (login.map { " user=\($0)" } ?? "")
        var environment = ["STILLHOUSE_DATABASE_URL": address, "STILLHOUSE_CACHE": directory.path + "/" + cache]
        environment["STILLHOUSE_FAULT_POINT"] = fault ?? ""
        environment.merge(more) { $1 }
        return try RoleUnderTest(arguments, environment: environment, in: directory)
    }

    /// - Parameter images: where this worker's machine has its pictures, when not where the recipe says.
    func worker(_ run: Run, threads: Int = 1, fault: String? = nil, images: ImageCopy? = nil) throws -> RoleUnderTest {
        var arguments = ["worker", "start", "--run", run.name, "--threads", String(threads)]
        if let images { arguments += ["--images", images.root, "--index", images.index] }
        return try start(arguments, fault: fault)
    }

    /// Aggregates the run to its end with the workers that serve it; all of them leave in peace.
    func finish(_ run: Run, _ workers: [RoleUnderTest]) async throws -> Version {
        let aggregator = try start(["aggregator", "start", "--run", run.name])
        let version = try await lastVersion(of: run)
        for role in workers + [aggregator] { #expect(await role.exitStatus() == 0, "\(role.text)") }
        return version
    }

    /// Pictures as some machine has them.
    struct ImageCopy {
        let root: String
        let index: String
        /// The one whose file is missing.
        let missingSample: Int64
    }

    /// A copy of the pictures which lost one after it was indexed.
    func samplesWithHole() async throws -> ImageCopy {
        let (root, index) = (directory.path + "/holed", directory.path + "/holed.index")
        try FileManager.default.copyItem(atPath: samples + "/training", toPath: root)
        let indexing = try start([
            "dataset", "index", "--images", root, "--annotations", samples + "/training.json", "--output", index,
        ])
        #expect(await indexing.exitStatus() == 0, "\(indexing.text)")
        try FileManager.default.removeItem(atPath: root + "/0008.jpg")
        return ImageCopy(root: root, index: index, missingSample: 7)
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
