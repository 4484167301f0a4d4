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
            /// Pictures composed of cut-outs when they are needed, with boxes and a caption.
            case scenes
            /// Pictures with a label file each: the class of every pixel.
            case segmentation

            /// Whether its samples can have boxes.
            package var hasBoxes: Bool { self == .coco || self == .scenes }
            /// Whether its samples can have captions.
            package var hasCaptions: Bool { self != .folder && self != .segmentation }
            /// Whether its samples have the class of every pixel.
            package var hasLabels: Bool { self == .scenes || self == .segmentation }
        }

        package var kind: Kind
        /// Directory, or http(s) base URL, under which the keys of the index are found.
        package var root: String
        /// COCO JSON, also a panoptic one of `segmentation`, or the table of `pairs`.
        package var annotations: String?
        /// A second COCO JSON, for the captions of `coco`.
        package var captions: String?
        /// Column of the image in the table of `pairs`; nil for the first of the usual names.
        package var imageColumn: String?
        /// Column of the caption in the table of `pairs`, or key in the `.json` members of `webdataset`.
        package var captionColumn: String?
        /// Names of the shards of `webdataset` below the root; nil for every `.tar` of a directory.
        package var shards: String?
        /// How `scenes` composes; nil for other kinds.
        package var scenes: Scenes?
        /// Where the labels of `segmentation` lie; nil for other kinds.
        package var segmentation: Segmentation?

        package init(
            kind: Kind,
            root: String,
            annotations: String? = nil,
            captions: String? = nil,
            imageColumn: String? = nil,
            captionColumn: String? = nil,
            shards: String? = nil,
            scenes: Scenes? = nil,
            segmentation: Segmentation? = nil
        ) {
            self.kind = kind
            self.root = root
            self.annotations = annotations
            self.captions = captions
            self.imageColumn = imageColumn
            self.captionColumn = captionColumn
            self.shards = shards
            self.scenes = scenes
            self.segmentation = segmentation
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            kind = try values.decode(Kind.self, forKey: .kind)
            root = try values.decode(String.self, forKey: .root)
            annotations = try values.decodeIfPresent(String.self, forKey: .annotations)
            captions = try values.decodeIfPresent(String.self, forKey: .captions)
            imageColumn = try values.decodeIfPresent(String.self, forKey: .imageColumn)
            captionColumn = try values.decodeIfPresent(String.self, forKey: .captionColumn)
            shards = try values.decodeIfPresent(String.self, forKey: .shards)
            // The defaults name every key of a section, without values; recipes without one keep their fingerprint.
            let section = try values.decodeIfPresent(Scenes.self, forKey: .scenes)
            scenes = section == Scenes() ? nil : section
            let labels = try values.decodeIfPresent(Segmentation.self, forKey: .segmentation)
            segmentation = labels == Segmentation() ? nil : labels
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case kind, root, annotations, captions, shards, scenes, segmentation
            case imageColumn = "image_column"
            case captionColumn = "caption_column"
        }
    }
}
