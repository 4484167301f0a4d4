/// What this program calls itself.
enum Build {
    /// As in CHANGELOG.md.
    static let version = "0.1.0"
}
