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
    /// Scenes to compose and to measure on; none where the recipe names pictures that are there.
    let scenes: [Scenes]
    /// Where the private PostgreSQL keeps its data.
    let serverDirectory: String

    private static let pollInterval = Duration.milliseconds(300)

    /// Scenes that are no part of training.
    struct Scenes {
        let title: String
        /// Below the output.
        let folder: String
        let files: SceneFiles
        let count: Int
    }

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

        // Before anything is trained: a cut-out that cannot be read should not cost the training.
        let heldOut = try await heldOut()
        let name = "quickstart-\(UUID().uuidString.prefix(8).lowercased())"
        let backend = CPUBackend.onAllCores()
        let created = try await RunCreation(database: database, backend: backend).create(name: name, recipe: recipe)
        let run = try await RunStore(database).run(named: name)
        describe(created, name: name)

        do {
            try await train(run, url: url, database)
        } catch {
            _ = try? await RunStore(database).cancel(run.id, reason: "quickstart was interrupted")
            throw error
        }
        let findings = try await findings(run, database, created.plan, heldOut, on: backend)
        try await finish(run, database, findings)
    }

    private func heldOut() async throws -> [HeldOutPictures] {
        if scenes.isEmpty { return try await [HeldOutPictures(of: recipe)].compactMap(\.self) }
        var pictures: [HeldOutPictures] = []
        for scenes in scenes {
            let folder = output.appendingPathComponent(scenes.folder).path
            let report = try await scenes.files.write(scenes.count, to: folder)
            say("held out     \(scenes.title): \(report.text)")
            pictures.append(try await HeldOutPictures(scenes: folder, title: scenes.title))
        }
        return pictures
    }

    /// What the start weights and the last version make of the held-out pictures.
    private func findings(
        _ run: Run,
        _ database: Database,
        _ plan: TrainingPlan,
        _ heldOut: [HeldOutPictures],
        on backend: any Backend
    ) async throws -> QuickstartFindings {
        var findings = QuickstartFindings()
        guard !heldOut.isEmpty, let trees = try await VersionTrees(WeightStore(database), run, plan: plan, on: backend),
            let after = try await trees.student(number: run.totalSteps)
        else { return findings }
        let classes = try recipe.evaluation.classEmbeddings.map(ClassEmbeddings.init(path:))
        let regions = try RegionComparison(recipe, before: trees.start, after: after, classes: classes, on: backend)
        for pictures in heldOut {
            findings.regions.append(try await regions.measure(pictures))
            let labels = try LabelComparison(
                recipe,
                of: pictures,
                before: trees.start,
                after: after,
                classes: classes,
                on: backend
            )
            guard let labels else { continue }
            findings.labels.append((pictures.title, labels.names, try await labels.examples(count: 3)))
        }
        findings.similarities = try await regions.examples(of: heldOut[0], count: 3)
        return findings
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

    private func finish(_ run: Run, _ database: Database, _ findings: QuickstartFindings) async throws {
        let losses = try await MetricStore(database).list(of: run.id, name: "loss")
        let broken = try await LedgerVerifier(database).verify().filter { !$0.isHonoured }
        if let first = losses.first, let last = losses.last {
            say(String(format: "loss         %.4f in the first step, %.4f in the last", first.value, last.value))
        }
        for result in findings.regions { describe(result) }
        say("ledger       \(broken.isEmpty ? "every invariant holds" : "\(broken.count) invariants are VIOLATED")")
        let files = QuickstartFiles(output: output, run: run, recipe: recipe)
        var written = try await files.writeWeights(database)
        written += try files.writePictures(findings)
        written += try files.writeReport(losses: losses.map(\.value), findings)
        say("\nwritten to \(output.path):")
        for line in written + ["logs/                   what each process said"] { say("  \(line)") }
        guard broken.isEmpty else {
            throw CommandFailure(.broken, "The ledger of run \(run.name) is broken; run `stillhouse verify`.")
        }
    }

    private func describe(_ result: RegionComparison.Result) {
        func padded(_ text: String) -> String { text + String(repeating: " ", count: max(1, 54 - text.count)) }
        func row(_ name: String, _ format: String, _ value: (RegionEvaluation) -> Double?) {
            guard let before = value(result.before), let after = value(result.after) else { return }
            say(padded("  \(name)") + String(format: "\(format)  \(format)", before, after))
        }
        func share(_ name: String, _ value: (RegionEvaluation) -> Double?) {
            row(name, "%6.1f %%") { evaluation in value(evaluation).map { 100 * $0 } }
        }
        say(
            padded("\(result.title): \(result.after.images) pictures, \(result.after.regions) regions")
                + "  before     after"
        )
        row("mean cosine of region and crop", "%8.3f") { $0.meanCosine }
        share("regions that find their own crop among all") { $0.retrievalTop1 }
        share("boxes named rightly, mean over classes") { $0.boxes?.macc1 }
        share("masks named rightly") { $0.masks?.macc1 }
        share("boxes, right name among the first five") { $0.boxes?.macc5 }
        share("masks, right name among the first five") { $0.masks?.macc5 }
        share("crops named rightly: the teacher's own") { $0.crops?.macc1 }
    }

    /// Unbuffered, so that it keeps its order with the progress on standard error through a pipe too.
    private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
