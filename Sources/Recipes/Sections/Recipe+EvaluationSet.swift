extension Recipe {
    /// One thing that versions are measured by: its metrics are called `evaluation.<name>.…`.
    package struct EvaluationSet: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, CaseIterable, Sendable {
            /// Composed pictures, of which each is to be named by its main noun.
            case scenes
            /// Pictures with labels, from folders or a table.
            case classification
            /// Pictures and captions that are to find each other, from a table.
            case retrieval
            /// The regions of `evaluation.annotations`.
            case regions
            /// Labelled pixels, each to be named: of composed pictures, or of pictures with label files.
            case segmentation
        }

        package var name: String
        package var kind: Kind
        /// Where its pictures are, or of scenes the cut-outs; nil for those that the run trains on, and beside a table.
        package var root: String?
        /// A .csv, .tsv or .jsonl file with `image` and `label`, or `image` and `caption`.
        package var table: String?
        /// Of shipped prompt templates, for what compares pictures with names; nil for `simple`.
        package var templates: String?
        /// How many scenes; those of each noun differ by one at most.
        package var count: Int?
        /// From 0 to 1; nil for 1.
        package var difficulty: Double?
        /// Of the scenes, which no epoch of a run of this seed shows; nil for 0.
        package var seed: UInt64?
        /// Side of the scenes in pixels; nil for that of the pictures that the run trains on.
        package var size: Int?
        /// Where the label files of `kind: segmentation` lie; nil for composed pictures.
        package var segmentation: DataSource.Segmentation?
        /// The JSON of panoptic labels.
        package var annotations: String?
        /// Classes of which the run has seen no labels; nil for what the run or the list of classes says.
        package var unseen: [String]?
        /// Name of the dense read-out; nil for the one that prompts are trained for, or `value-residual`.
        package var readout: String?
        /// How large pictures are shown to be segmented, as `SegmentationSize` writes it; nil for `whole`.
        package var sizeRule: String?
        /// Side of the squares by which pictures are shown, in pixels of the size; nil for whole pictures.
        package var window: Int?
        /// From one square to the next; nil for half a square.
        package var stride: Int?

        package init(
            name: String,
            kind: Kind,
            root: String? = nil,
            table: String? = nil,
            templates: String? = nil,
            count: Int? = nil,
            difficulty: Double? = nil,
            seed: UInt64? = nil,
            size: Int? = nil,
            segmentation: DataSource.Segmentation? = nil,
            annotations: String? = nil,
            unseen: [String]? = nil,
            readout: String? = nil,
            sizeRule: String? = nil,
            window: Int? = nil,
            stride: Int? = nil
        ) {
            (self.name, self.kind, self.root, self.table) = (name, kind, root, table)
            (self.templates, self.count, self.difficulty) = (templates, count, difficulty)
            (self.seed, self.size) = (seed, size)
            (self.segmentation, self.annotations) = (segmentation, annotations)
            (self.unseen, self.readout, self.sizeRule) = (unseen, readout, sizeRule)
            (self.window, self.stride) = (window, stride)
        }

        /// The labelled pictures as a source of data; nil for composed ones.
        package var labelledPictures: DataSource? {
            segmentation.map {
                DataSource(kind: .segmentation, root: root ?? "", annotations: annotations, segmentation: $0)
            }
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case name, kind, root, table, templates, count, difficulty, seed, size
            case segmentation, annotations, unseen, readout, window, stride
            case sizeRule = "size_rule"
        }
    }
}
