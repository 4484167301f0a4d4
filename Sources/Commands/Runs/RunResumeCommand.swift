import ArgumentParser
import Stores

/// Lets a paused or blocked run go on.
struct RunResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "End a pause, or a block whose cause is gone.",
        discussion:
            "A run with dead jobs stays blocked: retry or cancel them first (stillhouse jobs list --state dead)."
    )

    @Argument(help: "Name of the run.")
    var name: String

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let (hasChanged, head) = try await database.steer(name) { store, run in try await store.resume(run) }
        if head.state.isOver { throw CommandFailure(.usage, "\(name) is \(head.state) and cannot go on.") }
        if head.state == .blocked {
            throw CommandFailure(
                .usage,
                """
                \(name) is still blocked: \(head.reason ?? "it has dead jobs"). See stillhouse jobs list --run \(name) \
                --state dead, then retry or cancel them.
                """
            )
        }
        print(hasChanged ? "\(name) goes on." : "\(name) was going on already.")
    }
}
