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
        let (hasChanged, head) = try await database.withDatabase { database in
            let store = RunStore(database)
            let run = try await store.run(named: name)
            let hasChanged = try await store.pause(run.id)
            return (hasChanged, try await store.head(of: run.id) ?? run.head)
        }
        if hasChanged { return print("\(name) is paused. Go on: stillhouse run resume \(name)") }
        if head.state.isOver { throw CommandFailure(.usage, "\(name) is \(head.state): there is nothing to pause.") }
        print("\(name) was paused already.")
    }
}
