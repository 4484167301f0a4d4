package import OrderedCollections

/// Both sides of a failed match between named tensors and what was expected of them, all findings at once.
package struct MergeReport: Sendable, Hashable {
    /// A key on one side only; the shape is nil when nobody has stated it.
    package struct Entry: Sendable, Hashable {
        package let key: String
        package let shape: [Int]?

        package init(key: String, shape: [Int]?) {
            self.key = key
            self.shape = shape
        }
    }

    /// A key on both sides, of two shapes.
    package struct Mismatch: Sendable, Hashable {
        package let key: String
        package let expected: [Int]
        package let found: [Int]
    }

    /// Expected, but not found.
    package var missing: [Entry] = []
    /// Found, but not expected.
    package var surplus: [Entry] = []
    package var mismatched: [Mismatch] = []

    package init() {}

    /// Matches shapes by key; orders are kept, and do not matter.
    package init(expected: OrderedDictionary<String, [Int]>, found: OrderedDictionary<String, [Int]>) {
        for (key, shape) in expected {
            switch found[key] {
            case .none: missing.append(Entry(key: key, shape: shape))
            case .some(shape): continue
            case .some(let other): mismatched.append(Mismatch(key: key, expected: shape, found: other))
            }
        }
        surplus = found.filter { expected[$0.key] == nil }.map { Entry(key: $0.key, shape: $0.value) }
    }

    /// True when both sides agree in every key and shape.
    package var isExact: Bool { missing.isEmpty && surplus.isEmpty && mismatched.isEmpty }
}

extension MergeReport: CustomStringConvertible {
    /// A count, then each list; blocks that differ in nothing but their number share a line.
    package var description: String {
        guard !isExact else { return "every tensor matches" }
        var lines = ["\(missing.count) missing, \(surplus.count) surplus, \(mismatched.count) of another shape"]
        lines += section("missing (expected, not found)", missing.map { ($0.key, $0.shape.map { "\($0)" } ?? "") })
        lines += section("surplus (found, not expected)", surplus.map { ($0.key, $0.shape.map { "\($0)" } ?? "") })
        lines += section(
            "of another shape",
            mismatched.map { ($0.key, "expected \($0.expected), found \($0.found)") }
        )
        return lines.joined(separator: "\n")
    }

    private func section(_ title: String, _ entries: [(key: String, text: String)]) -> [String] {
        guard !entries.isEmpty else { return [] }
        var groups: OrderedDictionary<[String], [Int]> = [:]
        for entry in entries {
            let template = KeyTemplate(entry.key)
            groups[[template.pattern, entry.text], default: []] += template.index.map { [$0] } ?? []
        }
        return ["  \(title):"]
            + groups.map { group, indices in
                let number = indices.count == 1 ? "\(indices[0])" : "{\(KeyTemplate.ranges(indices))}"
                let key = group[0].replacing("{i}", with: number, maxReplacements: indices.isEmpty ? 0 : 1)
                return group[1].isEmpty ? "    \(key)" : "    \(key) \(group[1])"
            }
    }
}
