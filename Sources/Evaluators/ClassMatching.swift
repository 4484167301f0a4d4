/// Finds which class a label of pictures means: the one of the same name, or of the same name with spaces for
/// underscores, which folders often have.
package enum ClassMatching {
    /// - Parameters:
    ///   - labels: what pictures bear.
    ///   - names: of the classes; positions are the answer.
    ///   - allowsAbsent: whether there may be classes of which there are no pictures.
    ///   - nearest: finds the candidate that a mistyped word was meant to be.
    /// - Throws: `EvaluatorsError.unmatchedClasses` with all that has no partner, on both sides: leaving out a label, or
    ///   a choice, silently would change the measure.
    package static func classes(
        of labels: [String],
        among names: [String],
        allowsAbsent: Bool = false,
        nearest: (String, [String]) -> String? = { _, _ in nil }
    ) throws(EvaluatorsError) -> [String: Int] {
        let exact = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let alike = Dictionary(names.enumerated().map { (spaced($1), [$0]) }, uniquingKeysWith: +)
        var classes: [String: Int] = [:]
        for label in labels {
            if let index = exact[label] {
                classes[label] = index
            } else if let indices = alike[spaced(label)], indices.count == 1 {
                classes[label] = indices[0]
            }
        }
        let strangers = labels.filter { classes[$0] == nil }
        let found = Set(classes.values)
        let absent = names.indices.filter { !found.contains($0) }.map { names[$0] }
        guard strangers.isEmpty, absent.isEmpty || allowsAbsent else {
            throw .unmatchedClasses(
                labels: strangers.map { .init(name: $0, nearest: nearest(spaced($0), names)) },
                classes: allowsAbsent ? [] : absent.map { .init(name: $0, nearest: nearest($0, labels)) }
            )
        }
        return classes
    }

    private static func spaced(_ name: String) -> String { name.replacing("_", with: " ") }
}
