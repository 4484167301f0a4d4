/// Finds the samples for which something fails, by halving a set that fails until single ones are left.
///
/// A few bad ones among n cost about 2 · log2 n examinations each. What fails only in company is not found: each half
/// passes alone, and nobody is to blame.
package struct SampleBisection<Defect> {
    /// nil when nothing is wrong with these samples together.
    private let examine: ([Int64]) async throws -> Defect?

    package init(examine: @escaping ([Int64]) async throws -> Defect?) { self.examine = examine }

    /// - Returns: the samples that fail alone, in the order given, each with its defect.
    /// - Throws: what `examine` throws, which ends the search.
    package func defects(among samples: [Int64]) async throws -> [(sample: Int64, defect: Defect)] {
        var found: [(sample: Int64, defect: Defect)] = []
        // A stack keeps the order: the left half lies on top.
        var pending = [samples[...]]
        while let slice = pending.popLast() {
            guard let first = slice.first, let defect = try await examine(Array(slice)) else { continue }
            if slice.count == 1 {
                found.append((first, defect))
            } else {
                let middle = slice.startIndex + slice.count / 2
                pending.append(slice[middle...])
                pending.append(slice[..<middle])
            }
        }
        return found
    }
}
