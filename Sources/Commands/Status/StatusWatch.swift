import Foundation
import Postgres
import Stores

/// Shows runs again and again until all of them are over.
struct StatusWatch {
    let database: Database
    let runs: [RunID]
    var isTerminal = isatty(STDOUT_FILENO) == 1
    var write: (String) -> Void = { text in FileHandle.standardOutput.write(Data(text.utf8)) }

    /// A database that is gone for a while is waited for.
    /// - Throws: `CancellationError`, and what else the database reports.
    func untilOver() async throws {
        var shown: [RunID: String] = [:]
        while true {
            do {
                var snapshots: [RunSnapshot] = []
                for run in runs {
                    let snapshot = try await RunSnapshot.read(database, run)
                    snapshots.append(snapshot)
                    // The state is part of it, so that a pause or a block shows as well.
                    let mark = "\(snapshot.steps) \(snapshot.stateText)"
                    if !isTerminal, shown.updateValue(mark, forKey: run) != mark { write(snapshot.line + "\n") }
                }
                if isTerminal { draw(snapshots.map(\.text).joined(separator: "\n\n")) }
                if snapshots.allSatisfy(\.isOver) { return }
            } catch let error as PostgresError where error.category == .connectionLoss {
                if isTerminal { draw("The database cannot be reached; trying again.\n\(error)") }
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// From the top left corner, each line to its end, and nothing of what stood below: no flicker.
    private func draw(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        write("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\n") + "\u{1B}[K\n\u{1B}[J")
    }
}
