import ArgumentParser
import Stores

/// Stops the handing out of jobs for a while.
struct RunPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Hand out no more jobs of a run until it is resumed.",
        discussion: "Jobs that are running may finish, and a step that is complete is applied."
    )

    @Argument(help: "Name of the run.")
    var name: String

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let (hasChanged, head) = try await database.steer(name) { store, run in try await store.pause(run) }
        if hasChanged { return print("\(name) is paused. Go on: stillhouse run resume \(name)") }
        if head.state.isOver { throw CommandFailure(.usage, "\(name) is \(head.state): there is nothing to pause.") }
        print("\(name) was paused already.")
    }
}
