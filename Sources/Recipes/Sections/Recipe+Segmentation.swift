package import Datasets

extension Recipe.DataSource {
    /// Where the labels of `kind: segmentation` lie and what they mean; layout and classes are required there.
    package struct Segmentation: Codable, Hashable, Sendable {
        package var layout: SegmentationLayout.Name?
        /// A shipped list, or the path of one.
        package var classes: String?
        /// Folder of the pictures below the root; nil for the layout's.
        package var pictures: String?
        /// Folder of the label files below the root; nil for the layout's.
        package var labels: String?
        /// What label files have behind the picture's name; nil for `.png`.
        package var labelSuffix: String?
        /// File below the root with the names of the pictures; nil for every picture with a label file.
        package var list: String?
        /// Class 0 is stored as 1, and 0 is void; only of `folders`.
        package var reduceZeroLabel: Bool?
        /// Stored values that are void.
        package var ignore: [Int]?

        package init(
            layout: SegmentationLayout.Name? = nil,
            classes: String? = nil,
            pictures: String? = nil,
            labels: String? = nil,
            labelSuffix: String? = nil,
            list: String? = nil,
            reduceZeroLabel: Bool? = nil,
            ignore: [Int]? = nil
        ) {
            self.layout = layout
            self.classes = classes
            self.pictures = pictures
            self.labels = labels
            self.labelSuffix = labelSuffix
            self.list = list
            self.reduceZeroLabel = reduceZeroLabel
            self.ignore = ignore
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case layout, classes, pictures, labels, list, ignore
            case labelSuffix = "label_suffix"
            case reduceZeroLabel = "reduce_zero_label"
        }

        /// Nil without a layout; values that ``DataSource/problems()`` finds fault with are left out.
        package var resolvedLayout: SegmentationLayout? {
            guard let layout else { return nil }
            var resolved = SegmentationLayout(layout)
            if let pictures { resolved.pictures = Self.folder(pictures) }
            if let labels { resolved.labels = Self.folder(labels) }
            if let labelSuffix { resolved.labelSuffix = labelSuffix }
            resolved.reducesZeroLabel = reduceZeroLabel ?? false
            resolved.ignored = (ignore ?? []).compactMap { UInt16(exactly: $0) }
            return resolved
        }

        /// As shells complete them, folders end with a slash; keys have one alone between components.
        private static func folder(_ name: String) -> String {
            String(name.reversed().drop { $0 == "/" }.reversed())
        }
    }
}
