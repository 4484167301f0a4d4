package import Stores

/// A run's recorded numbers, a row a version and a column a name.
package struct MetricTable: Encodable {
    package struct Row: Encodable {
        package let version: Int
        package let values: [String: Double]
    }

    /// In the order of the columns.
    package let names: [String]
    package let rows: [Row]

    /// - Parameters:
    ///   - metrics: in order of version.
    ///   - names: the columns; all that occur, by name, where there are none.
    ///   - every: the first version, the last, and those in between whose number this divides.
    package init(_ metrics: [Metric], names: [String] = [], every: Int = 1) {
        let last = metrics.last?.number
        let first = metrics.first?.number
        let wanted = metrics.filter { metric in
            (names.isEmpty || names.contains(metric.name))
                && (metric.number % every == 0 || metric.number == first || metric.number == last)
        }
        self.names = names.isEmpty ? Set(wanted.map(\.name)).sorted() : names
        rows = Dictionary(grouping: wanted, by: \.number).sorted { $0.key < $1.key }.map { number, metrics in
            Row(version: number, values: Dictionary(metrics.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
        }
    }

    /// Numbers with all their digits; nothing where a version has no such number.
    package var csv: String {
        let head = (["version"] + names).joined(separator: ",")
        let lines = rows.map { row in
            ([String(row.version)] + names.map { name in row.values[name].map { "\($0)" } ?? "" }).joined(
                separator: ","
            )
        }
        return ([head] + lines).joined(separator: "\n")
    }
}
