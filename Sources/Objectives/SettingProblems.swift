/// All settings of an objective that do not suit each other or the model.
package struct SettingProblems: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [SettingProblem]

    package init(_ problems: [SettingProblem]) {
        self.problems = problems
    }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
