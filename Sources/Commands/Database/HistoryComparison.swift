package import Postgres
import Stores

/// The histories of two runs beside each other.
package struct HistoryComparison: Encodable {
    package let runs: [String]
    /// Versions that both have.
    package let versions: Int
    package let firstDifference: Int?

    /// - Throws: `StoreError.runUnknown`, or what the database reports.
    package static func read(_ database: Database, _ one: String, _ other: String) async throws -> HistoryComparison {
        let store = RunStore(database)
        let (first, second) = (try await store.run(named: one), try await store.run(named: other))
        return HistoryComparison(
            runs: [one, other],
            versions: min(first.head.number, second.head.number) + 1,
            firstDifference: try await LedgerVerifier(database).firstDifference(between: first.id, and: second.id)
        )
    }

    package var text: String {
        let pair = runs.joined(separator: " and ")
        return firstDifference.map { "\(pair) DIFFER from version \($0) on." }
            ?? "\(pair) are equal in all \(versions) versions that both have."
    }
}
