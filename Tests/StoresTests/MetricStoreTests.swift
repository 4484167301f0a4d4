import Postgres
import Stores
import TestSupport
import Testing

@Suite("Metrics", .temporaryDatabase(.migrated))
struct MetricStoreTests {
    @Test("a metric recorded again replaces the first; lists go by version and name")
    func record() async throws {
        let ledger = try await Ledger()
        let metrics = MetricStore(ledger.database)
        try await metrics.record(["loss": 2, "norm": 1], of: ledger.run, number: 1)
        try await metrics.record(["loss": 1.5], of: ledger.run, number: 1)
        try await metrics.record(["loss": 1], of: ledger.run, number: 2)
        #expect(
            try await metrics.list(of: ledger.run) == [
                Metric(number: 1, name: "loss", value: 1.5), Metric(number: 1, name: "norm", value: 1),
                Metric(number: 2, name: "loss", value: 1),
            ]
        )
        #expect(try await metrics.list(of: ledger.run, name: "loss", since: 2).map(\.value) == [1])
    }
}
