/// What a file below the root of a scene dataset is, told by its path.
enum ScenePartKey: Hashable {
    /// `sprites/<noun>/<style>-<n>.png`; the style is all before the last hyphen.
    case sprite(noun: String, style: String)
    /// `backgrounds/<anything>`
    case background

    /// Nil for other paths.
    init?(_ key: String) {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, let name = parts.last else { return nil }
        let isPicture = [".png", ".jpg", ".jpeg"].contains { name.lowercased().hasSuffix($0) }
        if parts[0] == "backgrounds" && isPicture {
            self = .background
        } else if parts[0] == "sprites", parts.count == 3, name.lowercased().hasSuffix(".png"), !parts[1].isEmpty {
            let stem = name.dropLast(4)
            let style = stem.lastIndex(of: "-").map { stem[..<$0] } ?? stem
            self = .sprite(noun: String(parts[1]), style: String(style))
        } else {
            return nil
        }
    }
}
