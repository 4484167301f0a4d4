import Foundation

/// What a run did, one row a decoder; its text is what the command prints.
struct FuzzReport: CustomStringConvertible {
    struct Row {
        let decoder: String
        let memoryBound: Int
        var inputCount = 0
        var acceptedCount = 0
        var refused: [String: Int] = [:]
        var slowestMicroseconds = 0
        var slowestIndex = 0
        var peakKibibytes = 0
    }

    let seed: UInt64
    var rows: [Row] = []
    var findings: [FuzzFinding] = []

    var description: String {
        let titles = ["decoder", "inputs", "accepted", "refused", "found", "slowest", "memory", "bound"]
        let cells = rows.map { row in
            [
                row.decoder, "\(row.inputCount)", "\(row.acceptedCount)", "\(row.refused.values.reduce(0, +))",
                "\(findings.count { $0.decoder == row.decoder })",
                "\(row.slowestMicroseconds / 1000) ms (#\(row.slowestIndex))",
                "+\(row.peakKibibytes >> 10) MiB", "\(row.memoryBound) MiB",
            ]
        }
        let widths = titles.indices.map { column in ([titles] + cells).map(\.[column].count).max() ?? 0 }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
        var lines = ["seed \(seed)", line(titles)] + cells.map(line)
        for row in rows {
            let cases = row.refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            lines.append("\(row.decoder): " + cases.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        return (lines + findings.map(\.description)).joined(separator: "\n")
    }
}
