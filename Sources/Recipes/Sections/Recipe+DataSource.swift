extension Recipe {
    /// The images a run reads and where they lie; a worker may put its own root in place of `root`.
    package struct DataSource: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, CaseIterable, Sendable {
            /// COCO-style JSON with a folder of images.
            case coco
            /// Any tree of JPEG and PNG files; it has no boxes.
            case folder
        }

        package var kind: Kind
        /// Directory, or http(s) base URL, under which the keys of the index are found.
        package var root: String
        /// COCO JSON; required by `coco`, refused by `folder`.
        package var annotations: String?

        package init(kind: Kind, root: String, annotations: String? = nil) {
            self.kind = kind
            self.root = root
            self.annotations = annotations
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case kind, root, annotations
        }
    }
}
