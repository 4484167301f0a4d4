/// What an optimizer section of a recipe gets wrong.
package enum OptimizersError: Error, Equatable {
    /// `examples` are some paths that would have been there to match.
    case patternWithoutParameter(pattern: String, examples: [String])
}

extension OptimizersError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .patternWithoutParameter(let pattern, let examples):
            """
            Parameter rule "\(pattern)" matches nothing that trains\
            \(examples.isEmpty ? "" : ", such as \(examples.joined(separator: ", "))"). Correct its spelling or remove \
            it; `*` stops at a dot, `**` does not.
            """
        }
    }
}
