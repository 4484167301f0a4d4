package import OrderedCollections

extension KeyMap {
    private enum Direction { case toNative, toForeign }

    /// Turns tensors of this layout into native ones, in the table's order.
    ///
    /// - Throws: `CheckpointError.mismatch` with everything that is missing or surplus; `.unmappable` for shapes that a
    ///   change cannot apply to.
    package func native(
        from tensors: OrderedDictionary<String, CheckpointTensor>
    ) throws(CheckpointError) -> OrderedDictionary<String, CheckpointTensor> {
        try map(tensors, .toNative)
    }

    /// Turns native tensors into ones of this layout; errors as for `native(from:)`.
    package func foreign(
        from tensors: OrderedDictionary<String, CheckpointTensor>
    ) throws(CheckpointError) -> OrderedDictionary<String, CheckpointTensor> {
        try map(tensors, .toForeign)
    }

    private func map(
        _ tensors: OrderedDictionary<String, CheckpointTensor>,
        _ direction: Direction
    ) throws(CheckpointError) -> OrderedDictionary<String, CheckpointTensor> {
        let sectionOfPattern = sectionOfPattern(direction)
        var report = MergeReport()
        var result: OrderedDictionary<String, CheckpointTensor> = [:]
        var blocks = [Set<Int>](repeating: [], count: sections.count)
        var isPresent = [Bool](repeating: false, count: sections.count)
        for (key, tensor) in tensors {
            let template = KeyTemplate(key)
            if let section = sectionOfPattern[template.pattern], !key.contains("{i}") {
                isPresent[section] = true
                if let index = template.index { blocks[section].insert(index) }
            } else if keepsUnmatched {
                let name = renamedPrefix(of: key, direction)
                if result.updateValue(tensor, forKey: name) != nil {
                    throw .unmappable(tensor: key, shape: tensor.shape, reason: "\(name) occurs under two names")
                }
            } else {
                report.surplus.append(MergeReport.Entry(key: key, shape: tensor.shape))
            }
        }
        for (section, indices) in zip(sections.indices, blocks) where isPresent[section] {
            for (rule, index) in steps(of: sections[section], blocks: indices) {
                let keys = sources(of: rule, direction).map { KeyTemplate.key($0, at: index) }
                let absent = keys.filter { tensors[$0] == nil }
                if absent.isEmpty {
                    try apply(rule, at: index, keys, tensors, direction, into: &result)
                } else if !rule.isOptional || absent.count < keys.count {
                    report.missing += absent.map { MergeReport.Entry(key: $0, shape: nil) }
                }
            }
        }
        guard report.isExact else { throw .mismatch(source: "the weights as a whole", report) }
        return result
    }

    private func sources(of rule: Rule, _ direction: Direction) -> [String] {
        direction == .toNative ? rule.foreign : [rule.native]
    }

    private func sectionOfPattern(_ direction: Direction) -> [String: Int] {
        var sectionOfPattern: [String: Int] = [:]
        for (section, rules) in sections.map(\.rules).enumerated() {
            for pattern in rules.flatMap({ sources(of: $0, direction) }) { sectionOfPattern[pattern] = section }
        }
        return sectionOfPattern
    }

    /// Rules without a number first, then block by block. A hole in the numbering yields the first absent block, so that
    /// its tensors are reported missing.
    private func steps(of section: Section, blocks: Set<Int>) -> [(Rule, Int?)] {
        var indices = blocks.sorted()
        if let hole = indices.indices.first(where: { indices[$0] != $0 }) { indices.insert(hole, at: hole) }
        return section.rules.filter { !$0.hasIndex }.map { ($0, nil) }
            + indices.flatMap { index in section.rules.filter(\.hasIndex).map { ($0, index) } }
    }

    private func renamedPrefix(of key: String, _ direction: Direction) -> String {
        for prefix in prefixes {
            let (from, to) =
                direction == .toNative ? (prefix.foreign, prefix.native) : (prefix.native, prefix.foreign)
            if key.hasPrefix(from) { return to + key.dropFirst(from.count) }
        }
        return key
    }

    private func apply(
        _ rule: Rule,
        at index: Int?,
        _ keys: [String],
        _ tensors: OrderedDictionary<String, CheckpointTensor>,
        _ direction: Direction,
        into result: inout OrderedDictionary<String, CheckpointTensor>
    ) throws(CheckpointError) {
        let parts = keys.compactMap { tensors[$0] }
        let targets = (direction == .toNative ? [rule.native] : rule.foreign).map { KeyTemplate.key($0, at: index) }
        func unmappable(_ reason: String) -> CheckpointError {
            .unmappable(tensor: keys[0], shape: parts[0].shape, reason: reason)
        }
        switch (rule.change, direction) {
        case (.renamed, _):
            result[targets[0]] = parts[0]
        case (.transposed, _):
            guard let transposed = parts[0].transposed() else { throw unmappable("a matrix was expected") }
            result[targets[0]] = transposed
        case (.concatenated, .toNative):
            guard let whole = CheckpointTensor(concatenating: parts) else {
                throw unmappable(
                    "its parts differ in type or shape (\(parts.map { "\($0.shape)" }.joined(separator: ", ")))"
                )
            }
            result[targets[0]] = whole
        case (.concatenated, .toForeign):
            guard let split = parts[0].split(into: targets.count) else {
                throw unmappable("the leading axis does not split into \(targets.count) equal parts")
            }
            for (target, part) in zip(targets, split) { result[target] = part }
        }
    }
}
