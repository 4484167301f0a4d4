import ArgumentParser
import Foundation
import Postgres
import Stores

/// Shows where runs stand, once or again and again.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show runs, steps, loss, jobs, workers, pace and the time that is left.",
        discussion: """
            With a name, that run. Without one, every run that is not over, or else the newest. On a terminal --watch \
            redraws every second; elsewhere it prints a line for each new version. It ends with the runs, or by Ctrl-C.
            """
    )

    @Argument(help: ArgumentHelp("Name of a run.", valueName: "run"))
    var name: String?

    @Flag(name: .customLong("watch"), help: "Go on showing until the runs are over.")
    var isWatching = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if isWatching, output.isJSON { throw ValidationError("--watch is for people; leave out --json, or --watch.") }
    }

    func run() async throws {
        try await database.withDatabase { database in
            let runs = try await shownRuns(RunStore(database))
            if isWatching { return try await StatusWatch(database: database, runs: runs).untilOver() }
            var snapshots: [RunSnapshot] = []
            for run in runs { snapshots.append(try await RunSnapshot.read(database, run)) }
            if output.isJSON { return try JSONOutput.print(snapshots) }
            print(snapshots.map(\.text).joined(separator: "\n\n"))
        }
    }

    private func shownRuns(_ store: RunStore) async throws -> [RunID] {
        if let name { return [try await store.run(named: name).id] }
        let current = try await store.list().filter { !$0.head.state.isOver }.map(\.id)
        return current.isEmpty ? [try await store.chosen(nil).id] : current
    }
}
