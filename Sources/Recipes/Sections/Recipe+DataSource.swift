extension Recipe {
    /// The images a run reads and where they lie; a worker may put its own root in place of `root`.
    package struct DataSource: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, CaseIterable, Sendable {
            /// COCO-style JSON with a folder of images: boxes, captions, or both.
            case coco
            /// Any tree of JPEG and PNG files; it has no boxes and no captions.
            case folder
            /// A CSV, TSV or JSON lines file with an image and a caption a row.
            case pairs
            /// Tar shards of images with their captions.
            case webdataset

            /// Whether its samples can have boxes.
            package var hasBoxes: Bool { self == .coco }
            /// Whether its samples can have captions.
            package var hasCaptions: Bool { self != .folder }
        }

        package var kind: Kind
        /// Directory, or http(s) base URL, under which the keys of the index are found.
        package var root: String
        /// COCO JSON, or the table of `pairs`.
        package var annotations: String?
        /// A second COCO JSON, for the captions of `coco`.
        package var captions: String?
        /// Column of the image in the table of `pairs`; nil for the first of the usual names.
        package var imageColumn: String?
        /// Column of the caption in the table of `pairs`, or key in the `.json` members of `webdataset`.
        package var captionColumn: String?
        /// Names of the shards of `webdataset` below the root; nil for every `.tar` of a directory.
        package var shards: String?

        package init(
            kind: Kind,
            root: String,
            annotations: String? = nil,
            captions: String? = nil,
            imageColumn: String? = nil,
            captionColumn: String? = nil,
            shards: String? = nil
        ) {
            self.kind = kind
            self.root = root
            self.annotations = annotations
            self.captions = captions
            self.imageColumn = imageColumn
            self.captionColumn = captionColumn
            self.shards = shards
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case kind, root, annotations, captions, shards
            case imageColumn = "image_column"
            case captionColumn = "caption_column"
        }
    }
}
