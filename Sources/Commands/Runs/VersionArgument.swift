import ArgumentParser

/// `RUN` or `RUN@NUMBER`.
package struct VersionArgument: ExpressibleByArgument, Hashable, Sendable {
    package let run: String
    /// Nil for the newest.
    package let number: Int?

    package init?(argument: String) {
        let parts = argument.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else { return nil }
        run = name
        guard parts.count == 2 else {
            number = nil
            return
        }
        guard let value = Int(parts[1]), value >= 0 else { return nil }
        number = value
    }
}
