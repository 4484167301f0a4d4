/// Names of shards in the notation of shells: `train-{000000..000127}.tar`, `{left,right}-{0..9}.tar`.
struct ShardPattern {
    let names: [String]

    /// More shards than any dataset has; a slip in a range must not fill the memory.
    private static let maximumCount = 1_000_000

    /// - Throws: `invalidKey` for braces that are not in order, or name too many.
    init(_ text: String) throws(DatasetError) {
        names = try Self.expanded(text[...], of: text)
        for name in names { _ = try ImageKey(name) }
    }

    private static func expanded(_ rest: Substring, of text: String) throws(DatasetError) -> [String] {
        guard let open = rest.firstIndex(of: "{") else {
            if rest.contains("}") { throw .invalidKey(text, cause: "a brace that was not opened") }
            return [String(rest)]
        }
        guard let close = rest[open...].firstIndex(of: "}") else {
            throw .invalidKey(text, cause: "a brace that is not closed")
        }
        let choices = try choices(rest[rest.index(after: open)..<close], of: text)
        let tails = try expanded(rest[rest.index(after: close)...], of: text)
        guard choices.count * tails.count <= maximumCount else { throw .invalidKey(text, cause: "too many shards") }
        return choices.flatMap { choice in tails.map { rest[..<open] + choice + $0 } }
    }

    private static func choices(_ inner: Substring, of text: String) throws(DatasetError) -> [String] {
        guard let dots = inner.firstRange(of: "..") else {
            return inner.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        let (low, high) = (inner[..<dots.lowerBound], inner[dots.upperBound...])
        guard let first = Int(low), let last = Int(high), first >= 0, last >= first, last - first < maximumCount else {
            throw .invalidKey(text, cause: "`{\(inner)}` is no range of numbers")
        }
        // As in shells: a leading zero asks for that many digits.
        let width = low.hasPrefix("0") || high.hasPrefix("0") ? max(low.count, high.count) : 0
        return (first...last).map { number in
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
    }
}
