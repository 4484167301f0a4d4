/// One setting that cannot be honoured: its key, the value it has, and the values it may have.
///
/// Checks collect problems instead of throwing at the first, so that a recipe is mended in one go.
package struct SettingProblem: Hashable, Sendable, CustomStringConvertible {
    /// Dotted path from the root of the recipe, as in `objective.student_size`.
    package var key: String
    package var value: String
    /// Reads after "must be": `0 or more`, `a multiple of the patch size 16`.
    package var allowed: String

    package init(key: String, value: String, allowed: String) {
        self.key = key
        self.value = value
        self.allowed = allowed
    }

    package var description: String { "\(key) is \(value.isEmpty ? "empty" : value); it must be \(allowed)." }
}

extension [SettingProblem] {
    /// Notes a problem unless `isValid`; a NaN fails every comparison, so it fails every check too.
    package mutating func require(_ isValid: Bool, _ key: String, _ value: some Any, _ allowed: String) {
        if !isValid {
            append(SettingProblem(key: key, value: "\(value)", allowed: allowed))
        }
    }
}
