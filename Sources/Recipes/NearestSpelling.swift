/// Finds the known key that a mistyped one was most likely meant to be.
package enum NearestSpelling {
    /// Nobody mistypes a longer word; the distance to one of a megabyte would take a minute.
    private static let maximumLength = 256

    /// - Returns: the candidate of least edit distance, if that is at most a third of the word; ties go to the first.
    package static func of(_ word: String, among candidates: [String]) -> String? {
        guard word.utf8.count <= maximumLength else { return nil }
        let limit = max(2, word.count / 3)
        let scored = candidates.map { (distance($0, word), $0) }
        guard let best = scored.min(by: { $0.0 < $1.0 }), best.0 <= limit else { return nil }
        return best.1
    }

    /// Levenshtein's distance, one row at a time.
    package static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right.lowercased())
        var row = Array(0...right.count)
        for (i, character) in left.lowercased().enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in right.indices {
                let substitution = diagonal + (character == right[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[right.count]
    }
}
