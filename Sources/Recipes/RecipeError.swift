package import Objectives

/// Why a recipe cannot be used; every message names the place and the next step.
package enum RecipeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(file: String, reason: String)
    /// Not YAML, or YAML of which two readings exist (a key given twice).
    case syntax(file: String, reason: String)
    /// A key that no section has; `nearest` is the known key most likely meant, with its path.
    case unknownKey(file: String, line: Int?, key: String, nearest: String?)
    /// `extends` names neither a recipe that ships nor a file.
    case unknownBase(file: String, base: String, shipped: [String])
    /// A recipe extends itself, directly or by way of others.
    case endlessOverlay(files: [String])
    /// A value of another type than the key's.
    case unsuitableValue(file: String, key: String, reason: String)
    /// Values out of their range, all of them.
    case invalid(recipe: String, problems: [SettingProblem])

    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            return "\(file) cannot be read: \(reason). Check the path; shipped recipes are named without `.yaml`."
        case .syntax(let file, let reason):
            return "\(file) is not a recipe: \(reason)"
        case .unknownKey(let file, let line, let key, let nearest):
            let place = line.map { "\(file):\($0)" } ?? file
            let advice = nearest.map { "Did you mean `\($0)`?" } ?? "`recipe show --resolved` lists every key."
            return "\(place): no such key `\(key)`. \(advice)"
        case .unknownBase(let file, let base, let shipped):
            return "\(file) extends `\(base)`, which is neither a file beside it nor a shipped recipe. "
                + "Shipped are: \(shipped.joined(separator: ", "))."
        case .endlessOverlay(let files):
            return "These recipes extend each other without end: \(files.joined(separator: " → "))."
        case .unsuitableValue(let file, let key, let reason):
            return "\(file): `\(key)` \(reason)"
        case .invalid(let recipe, let problems):
            let lines = problems.map { "  \($0)" }.joined(separator: "\n")
            return "Recipe \(recipe.isEmpty ? "without a name" : recipe) cannot be run:\n\(lines)"
        }
    }
}
