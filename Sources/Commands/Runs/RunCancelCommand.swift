import ArgumentParser
import Stores

/// Stops a run for good.
struct RunCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Stop a run for good; its versions stay readable.",
        discussion: "This cannot be undone. To stop for a while, use `stillhouse run pause`."
    )

    @Argument(help: "Name of the run.")
    var name: String

    @Option(help: "Why; stored with the run.")
    var reason = "cancelled by an operator"

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let (hasChanged, state) = try await database.withDatabase { database in
            let store = RunStore(database)
            let run = try await store.run(named: name)
            return (try await store.cancel(run.id, reason: reason), run.head.state)
        }
        if hasChanged { return print("\(name) is cancelled.") }
        if state == .finished { throw CommandFailure(.usage, "\(name) is finished: there is nothing to cancel.") }
        print("\(name) was cancelled already.")
    }
}
