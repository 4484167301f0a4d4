import ArgumentParser
import Foundation
import Recipes

/// `bench e2e`: what a job and a step cost besides computing.
struct BenchE2ECommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "e2e",
        abstract: "Train a tiny tower through a private PostgreSQL, and tell where the time of jobs and steps goes.",
        discussion: """
            Coordinator, aggregator and workers run in this process, each with the connections that it has as a process \
            of its own, so that one clock measures all of them; the server is a real one, made for the bench and removed \
            with it. The pictures are noise. Larger towers: --model ViT-B-16 --set objective.student_size=224.
            """
    )

    @Option(help: "A shipped model or the path of an open_clip JSON; its weights are random.")
    var model = "stillhouse-tiny"

    @Option(help: "Steps that are measured.")
    var steps = 200

    @Option(help: "Steps before those, which are not.")
    var warmup = 5

    @Option(help: "Jobs of each step, of one picture each.")
    var jobs = 4

    @Option(help: "Workers.")
    var workers = 1

    @Option(help: "Compute threads of each worker.")
    var threads = 1

    @Option(name: .customLong("set"), help: "A setting laid over the recipe; repeatable.")
    var settings: [String] = []

    @Flag(inversion: .prefixedNo, help: "Listen for notifications; without, poll only.")
    var listen = true

    @Flag(inversion: .prefixedNo, help: "Upload a gradient of several parts while the next job computes.")
    var overlap = true

    @OptionGroup var output: OutputOptions

    func validate() throws {
        for (name, value) in [("steps", steps), ("jobs", jobs), ("workers", workers), ("threads", threads)]
        where value < 1 {
            throw ValidationError("--\(name) is \(value); at least one is needed.")
        }
        if warmup < 0 { throw ValidationError("--warmup is \(warmup); it cannot be negative.") }
    }

    func run() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("stillhouse-bench-\(UUID().uuidString.prefix(8))", isDirectory: true)
        let pictures = E2EPictures(directory: directory.appendingPathComponent("pictures", isDirectory: true))
        try pictures.write(count: 32, side: 96)
        let benchmark = E2EBenchmark(
            recipe: try RecipeLoader().load("clipself-tiny", settings: recipeSettings(pictures) + settings),
            directory: directory,
            workerCount: workers,
            threadCount: threads,
            warmup: warmup,
            listens: listen,
            overlaps: overlap
        )
        defer { try? FileManager.default.removeItem(at: directory) }
        let report = try await benchmark.run()
        if output.isJSON { try JSONOutput.print(report) } else { print(report.text) }
    }

    private func recipeSettings(_ pictures: E2EPictures) -> [String] {
        [
            "model=\(model)", "objective.student_size=64", "objective.unlocked_groups=2",
            "data.kind=folder", "data.root=\(pictures.directory.path)", "data.annotations=null",
            "evaluation.annotations=null", "evaluation.root=null",
            "schedule.updates=\(warmup + steps)", "schedule.warmup_updates=1",
            "aggregation.images_per_job=1", "aggregation.jobs_per_step=\(jobs)",
        ]
    }
}
