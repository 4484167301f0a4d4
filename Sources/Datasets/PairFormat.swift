/// How a table of pairs is written; the extension of its file says it.
package enum PairFormat: String, Sendable, CaseIterable {
    /// RFC 4180: commas, fields in quotation marks may hold commas and line ends.
    case csv
    /// Tabs; a field never holds a line end.
    case tsv
    /// One JSON object a line.
    case jsonl

    /// - Throws: `invalidTable` for any other extension.
    package init(path: String) throws(DatasetError) {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split(separator: ".")
        switch parts.count > 1 ? parts[parts.count - 1].lowercased() : "" {
        case "csv": self = .csv
        case "tsv", "tab": self = .tsv
        case "jsonl", "ndjson": self = .jsonl
        default: throw .invalidTable(path: path, cause: "its extension is none of csv, tsv, jsonl")
        }
    }
}
