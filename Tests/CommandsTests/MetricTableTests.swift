import Commands
import Stores
import Testing

@Suite("Metric table")
struct MetricTableTests {
    private static let metrics =
        (1...7).map { Metric(number: $0, name: "loss", value: 1 / Double($0)) }
        + [Metric(number: 4, name: "evaluation.top1", value: 0.5)]

    @Test("has a column a name in order, a row a version, and nothing where there is no number")
    func csv() {
        let table = MetricTable(Array(Self.metrics.sorted { $0.number < $1.number }.prefix(5)))
        #expect(
            table.csv == """
                version,evaluation.top1,loss
                1,,1.0
                2,,0.5
                3,,0.3333333333333333
                4,0.5,0.25
                """
        )
    }

    @Test("takes the named columns in the given order")
    func names() {
        let table = MetricTable(Self.metrics.sorted { $0.number < $1.number }, names: ["loss", "evaluation.top1"])
        #expect(table.names == ["loss", "evaluation.top1"])
        #expect(table.rows.map(\.version) == Array(1...7))
        #expect(table.rows[3].values == ["loss": 0.25, "evaluation.top1": 0.5])
    }

    @Test("thins out versions, but not the first and the last")
    func every() {
        let table = MetricTable(Self.metrics.sorted { $0.number < $1.number }, every: 3)
        #expect(table.rows.map(\.version) == [1, 3, 6, 7])
        #expect(table.names == ["loss"])
    }

    @Test("of a run without versions is a header")
    func empty() { #expect(MetricTable([]).csv == "version") }
}
