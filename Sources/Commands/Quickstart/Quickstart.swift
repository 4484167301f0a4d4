import Datasets
import Evaluators
import Foundation
import Layers
import Logging
import Migrations
import Models
import Postgres
import Recipes
import Stores
import Telemetry
import Tensors

/// The whole of Stillhouse on one machine, told as it goes.
struct Quickstart {
    let recipe: Recipe
    let workerCount: Int
    let output: URL
    /// Where the private PostgreSQL keeps its data.
    let serverDirectory: String

    private static let pollInterval = Duration.milliseconds(300)

    func run() async throws {
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        let server = try PrivateServer(
            PrivateServer.Configuration(directory: serverDirectory),
            binaries: ServerBinaries.find(environment: ProcessEnvironment.all)
        )
        let wasRunning = if case .running = await server.status() { true } else { false }
        let configuration = try await server.start()
        say("PostgreSQL   \(configuration)")
        do {
            try await distil(configuration, url: server.url)
        } catch {
            if !wasRunning { try? await server.stop() }
            throw error
        }
        if !wasRunning { try await server.stop() }
    }

    private func distil(_ configuration: PostgresConfiguration, url: String) async throws {
        let logger = Logger(label: "quickstart") { StreamLogHandler(label: $0, format: .text, level: .warning) }
        let database = Database(configuration, logger: logger)
        try await Migrator(Migration.all, logger: logger).up(database)

        let name = "quickstart-\(UUID().uuidString.prefix(8).lowercased())"
        let backend = CPUBackend.onAllCores()
        let created = try await RunCreation(database: database, backend: backend).create(name: name, recipe: recipe)
        let run = try await RunStore(database).run(named: name)
        describe(created, name: name)

        let evaluation = try await RegionComparison(database, run, recipe, plan: created.plan, on: backend)
        let before = try await evaluation?.measure(number: 0)
        do {
            try await train(run, url: url, database)
        } catch {
            _ = try? await RunStore(database).cancel(run.id, reason: "quickstart was interrupted")
            throw error
        }
        let after = try await evaluation?.measure(number: run.totalSteps)
        let examples = try await evaluation?.examples(count: 3, before: 0, after: run.totalSteps) ?? []
        try await finish(run, database, before: before, after: after, examples)
    }

    private var logs: URL { output.appendingPathComponent("logs", isDirectory: true) }

    private func describe(_ created: RunCreation.Outcome, name: String) {
        say(
            "run          \(name): \(created.scan.index.count) pictures, \(created.totalSteps) steps of "
                + "\(recipe.imagesPerUpdate) pictures in \(recipe.aggregation.jobsPerStep) jobs"
        )
        say(
            "model        \(recipe.model): \(Units.count(created.plan.student.count)) parameters train, "
                + "\(Units.count(created.plan.frozen.count)) are frozen"
        )
        if let seed = recipe.start.initialize {
            say(
                "start        random weights from seed \(seed): this shows the machinery; what it learns is to agree with "
                    + "a random teacher"
            )
        }
    }

    // MARK: Training

    /// Runs the roles as processes until the run is over.
    private func train(_ run: Run, url: String, _ database: Database) async throws {
        let roles = try roleProcesses(run, url: url)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for role in roles {
                group.addTask {
                    try await role.superviseUntilFinished { ending, newProcess in
                        StandardError.write("\n\(role.name) \(ending.text); started again as process \(newProcess)")
                    }
                    return false
                }
            }
            group.addTask {
                try await Self.follow(run, roles, RunStore(database), MetricStore(database))
                return true
            }
            defer { group.cancelAll() }
            // The end of the run ends the roles that would go on; roles that ended with it are just gathered.
            for try await isRunOver in group where isRunOver { group.cancelAll() }
        }
    }

    private func roleProcesses(_ run: Run, url: String) throws -> [RoleProcess] {
        let executable = try Self.executable()
        var environment = ProcessEnvironment.all
        environment["STILLHOUSE_DATABASE_URL"] = url
        func role(_ name: String, _ arguments: [String]) -> RoleProcess {
            RoleProcess(
                name: name,
                executable: executable,
                arguments: arguments,
                environment: environment,
                log: logs.appendingPathComponent("\(name).log")
            )
        }
        let threads = max(1, ProcessInfo.processInfo.activeProcessorCount / workerCount)
        let coordinator = role("coordinator", ["coordinator", "start"])
        let aggregator = role("aggregator", ["aggregator", "start", "--run", run.name])
        let workers = (1...workerCount).map { index in
            role("worker-\(index)", ["worker", "start", "--run", run.name, "--threads", String(threads)])
        }
        return [coordinator, aggregator] + workers
    }

    private static func executable() throws -> URL {
        #if os(Linux)
        return URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        #else
        return URL(fileURLWithPath: CommandLine.arguments[0])
        #endif
    }

    /// Shows how far the run is, until it is over.
    private static func follow(_ run: Run, _ roles: [RoleProcess], _ runs: RunStore, _ metrics: MetricStore)
        async throws
    {
        var progress = ProgressLine("distilling", total: run.totalSteps, unit: "steps")
        var announced = false
        while true {
            let processes = roles.compactMap { role in role.processID.map { "\(role.name) \($0)" } }
            if !announced, processes.count == roles.count {
                announced = true
                StandardError.write("processes    \(processes.joined(separator: ", ")) (kill -9 any of them)")
            }
            guard let head = try await runs.head(of: run.id) else { return }
            let loss = try await metrics.list(of: run.id, name: "loss", since: max(0, head.number)).last?.value
            progress.update(head.number, detail: loss.map { String(format: "loss %.4f", $0) } ?? "")
            switch head.state {
            case .finished:
                progress.finish()
                return
            case .blocked, .cancelled:
                throw CommandFailure(
                    .broken,
                    "Run \(run.name) is \(head.state): \(head.reason ?? "no reason is known")."
                )
            case .active: try await Task.sleep(for: pollInterval)
            }
        }
    }

    // MARK: Results

    private func finish(
        _ run: Run,
        _ database: Database,
        before: RegionEvaluation?,
        after: RegionEvaluation?,
        _ examples: [RegionComparison.Example]
    ) async throws {
        let losses = try await MetricStore(database).list(of: run.id, name: "loss")
        let broken = try await LedgerVerifier(database).verify().filter { !$0.isHonoured }
        if let first = losses.first, let last = losses.last {
            say(String(format: "loss         %.4f in the first step, %.4f in the last", first.value, last.value))
        }
        if let before, let after { describe(before, after) }
        say("ledger       \(broken.isEmpty ? "every invariant holds" : "\(broken.count) invariants are VIOLATED")")
        let files = QuickstartFiles(output: output, run: run, recipe: recipe)
        var written = try await files.writeWeights(database)
        written += try files.writePicture(examples)
        written += try files.writeReport(losses: losses.map(\.value), before: before, after: after)
        say("\nwritten to \(output.path):")
        for line in written + ["logs/                   what each process said"] { say("  \(line)") }
        guard broken.isEmpty else {
            throw CommandFailure(.broken, "The ledger of run \(run.name) is broken; run `stillhouse verify`.")
        }
    }

    private func describe(_ before: RegionEvaluation, _ after: RegionEvaluation) {
        say("held out     \(after.images) pictures, \(after.regions) regions          before    after")
        say(
            String(
                format: "  mean cosine of region and crop                   %.3f    %.3f",
                before.meanCosine,
                after.meanCosine
            )
        )
        say(
            String(
                format: "  regions that find their own crop among all       %.1f %%    %.1f %%   (chance %.1f %%)",
                100 * before.retrievalTop1,
                100 * after.retrievalTop1,
                100 / Double(max(1, after.regions))
            )
        )
    }

    /// Unbuffered, so that it keeps its order with the progress on standard error through a pipe too.
    private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
