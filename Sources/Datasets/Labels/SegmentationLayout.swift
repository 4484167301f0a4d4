/// How a data set of labelled pictures lies on disk, and what its numbers mean.
package struct SegmentationLayout: Sendable, Hashable {
    package enum Name: String, Codable, CaseIterable, Sendable {
        case voc
        case cocoStuff = "coco-stuff"
        /// Background is void.
        case context59
        /// Background is a class.
        case context60
        case ade20k
        /// Any two folders; what the numbers mean is said beside.
        case folders
        /// COCO's panoptic PNG and JSON.
        case panoptic
    }

    package var name: Name
    /// Folder of the pictures below the root.
    package var pictures: String
    /// Folder of the label files below the root.
    package var labels: String
    /// What the name of a label file has behind the picture's name.
    package var labelSuffix = ".png"
    /// Class 0 is stored as 1, and 0 is void. Only ``Name/folders`` is free in this.
    package var reducesZeroLabel = false
    /// Stored values that are void besides.
    package var ignored: [UInt16] = []

    /// The layout with its usual folders.
    package init(_ name: Name) {
        self.name = name
        (pictures, labels) =
            switch name {
            case .voc: ("JPEGImages", "SegmentationClass")
            case .context59, .context60: ("JPEGImages", "SegmentationClassContext")
            case .cocoStuff, .ade20k, .panoptic: ("images", "annotations")
            case .folders: ("images", "labels")
            }
    }

    /// Nil where any list of classes will do.
    package var classCount: Int? {
        switch name {
        case .voc: 20
        case .cocoStuff: 171
        case .context59: 59
        case .context60: 60
        case .ade20k: 150
        case .folders, .panoptic: nil
        }
    }

    /// What the label files mean for a list of classes.
    func encoding(for classes: ClassList) -> Labelling.Encoding {
        let values: LabelValues
        switch name {
        case .panoptic: return .segments
        case .cocoStuff: values = .cocoStuff
        case .voc, .context59, .ade20k: values = .reducingZero(classCount: classes.count)
        case .context60: values = .plain(classCount: classes.count)
        case .folders:
            values =
                reducesZeroLabel ? .reducingZero(classCount: classes.count) : .plain(classCount: classes.count)
        }
        return .values(values.ignoring(ignored))
    }
}
