/// Which columns of a table hold the picture and the caption.
package struct PairColumns: Sendable, Hashable {
    /// Nil for the first of ``usualImages`` that the table has.
    package var image: String?
    /// Nil for the first of ``usualCaptions`` that the table has.
    package var caption: String?

    /// Names in common use, the most telling first; capitals do not matter.
    package static let usualImages = [
        "image", "image_path", "filepath", "file_path", "file_name", "filename", "path", "url", "image_url",
    ]
    package static let usualCaptions = ["caption", "captions", "title", "text", "description", "sentence"]

    package init(image: String? = nil, caption: String? = nil) {
        self.image = image
        self.caption = caption
    }

    var wantedImages: [String] { image.map { [$0] } ?? Self.usualImages }
    var wantedCaptions: [String] { caption.map { [$0] } ?? Self.usualCaptions }

    /// How good a name is for a role: 0 is best, nil is no candidate.
    static func rank(of name: String, among wanted: [String]) -> Int? {
        wanted.firstIndex { $0.lowercased() == name.lowercased() }
    }

    /// The position of the best column for a role.
    static func position(in names: [String], of wanted: [String]) -> Int? {
        names.indices.filter { rank(of: names[$0], among: wanted) != nil }
            .min { (rank(of: names[$0], among: wanted) ?? 0) < (rank(of: names[$1], among: wanted) ?? 0) }
    }
}
