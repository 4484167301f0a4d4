/// A key with its block number taken out: `visual.transformer.resblocks.3.ln_1.bias` is `…resblocks.{i}.ln_1.bias` at 3.
///
/// Key maps look keys up by their pattern, and reports join keys that differ in nothing but the number.
package struct KeyTemplate: Sendable, Hashable {
    /// The key with its first numeric component replaced by `{i}`; the key itself when it has none.
    package let pattern: String
    package let index: Int?

    package init(_ key: String) {
        var components = key.split(separator: ".", omittingEmptySubsequences: false)
        for (position, component) in components.enumerated() {
            // "03" is not 3: a map that took both for one would lose a tensor.
            guard let number = Int(component), number >= 0, String(number) == component else { continue }
            components[position] = "{i}"
            pattern = components.joined(separator: ".")
            index = number
            return
        }
        pattern = key
        index = nil
    }

    /// Puts a block number back.
    package static func key(_ pattern: String, at index: Int?) -> String {
        guard let index, let range = pattern.firstRange(of: "{i}") else { return pattern }
        return String(pattern[..<range.lowerBound]) + String(index) + pattern[range.upperBound...]
    }

    /// `0…5, 7` for the indices of one pattern, ascending.
    static func ranges(_ indices: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for index in indices.sorted() {
            if let last = ranges.last, last.upperBound + 1 == index {
                ranges[ranges.count - 1] = last.lowerBound...index
            } else {
                ranges.append(index...index)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)…\($0.upperBound)" }
            .joined(separator: ", ")
    }
}
