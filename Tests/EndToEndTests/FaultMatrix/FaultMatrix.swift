import Foundation
import Postgres
import TestSupport
import Testing

/// Plays rows, two at a time, and judges each.
struct FaultMatrix {
    /// Of every time constant; 1 is what the protocol says.
    let timeScale: Double
    /// How many rows play at once.
    let lanes: Int

    /// - Returns: one outcome for each row, in the order of the rows.
    func play(_ rows: [any FaultRow]) async throws -> [FaultOutcome] {
        var digests: [SmallRecipe: [UInt8]] = [:]
        for recipe in Set(rows.map(\.recipe)) {
            digests[recipe] = try await TemporaryDatabase.withCopy(of: .migrated) {
                try await UndisturbedRun.chainDigest(of: recipe)
            }
        }
        return try await withThrowingTaskGroup(of: (Int, FaultOutcome).self) { [digests] group in
            var outcomes = [FaultOutcome?](repeating: nil, count: rows.count)
            var next = 0
            while next < rows.count || !group.isEmpty {
                if next < rows.count && next - outcomes.count(where: { $0 != nil }) < lanes {
                    let (index, row) = (next, rows[next])
                    let digest = try #require(digests[row.recipe])
                    group.addTask { (index, await play(row, expecting: digest)) }
                    next += 1
                } else if let (index, outcome) = try await group.next() {
                    outcomes[index] = outcome
                    print("fault matrix: \(outcome.isPassed ? "passed" : "FAILED") \(outcome.name)")
                    if !outcome.isPassed { print(outcome.complaints.joined(separator: "\n")) }
                }
            }
            return outcomes.compactMap(\.self)
        }
    }

    private func play(_ row: some FaultRow, expecting digest: [UInt8]) async -> FaultOutcome {
        do {
            switch row.server {
            case .shared:
                return try await TemporaryDatabase.withCopy(of: .migrated) {
                    try await play(row, on: TemporaryDatabase.current.configuration, nil, expecting: digest)
                }
            case .own(let settings):
                return try await play(row, on: FaultServer(settings: settings), expecting: digest)
            case .ownOnSmallDisk(let mebibytes):
                return try await play(row, on: FaultServer(disk: mebibytes), expecting: digest)
            }
        } catch {
            var outcome = FaultOutcome(name: row.name, fault: row.fault, stepsPlanned: row.recipe.steps)
            outcome.complaints = ["\(error)"]
            return outcome
        }
    }

    private func play(_ row: some FaultRow, on server: FaultServer, expecting digest: [UInt8]) async -> FaultOutcome {
        defer { server.remove() }
        return await play(row, on: server.configuration, server, expecting: digest)
    }

    private func play(
        _ row: some FaultRow,
        on configuration: PostgresConfiguration,
        _ server: FaultServer?,
        expecting digest: [UInt8]
    ) async -> FaultOutcome {
        do {
            let scene = try await FaultScene(row, on: configuration, server, timeScale: min(1, timeScale * row.stretch))
            do {
                try await row.play(scene)
                try await scene.conclude(expecting: digest)
            } catch {
                scene.complain("\(error)")
            }
            await scene.remove()
            return scene.outcome
        } catch {
            var outcome = FaultOutcome(name: row.name, fault: row.fault, stepsPlanned: row.recipe.steps)
            outcome.complaints = ["\(error)"]
            return outcome
        }
    }
}
