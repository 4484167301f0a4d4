import Datasets
package import Objectives

extension Recipe.DataSource {
    /// Keys that some kinds of data read and others do not: a key that nobody reads is a mistake.
    private var keys: [(key: String, value: String?, kinds: [Kind])] {
        [
            ("annotations", annotations, [.coco, .pairs, .segmentation]),
            ("captions", captions, [.coco]),
            ("image_column", imageColumn, [.pairs]),
            ("caption_column", captionColumn, [.pairs, .webdataset]),
            ("shards", shards, [.webdataset]),
        ]
    }

    /// What is wrong with the section by itself; keys are named below `prefix`.
    package func problems(under prefix: String = "data") -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.require(!root.isEmpty, "\(prefix).root", root, "a directory or an http(s) address")
        for (key, value, kinds) in keys {
            let isRead = kinds.contains(kind)
            problems.require(
                isRead || value == nil,
                "\(prefix).\(key)",
                value ?? "",
                "absent for `kind: \(kind.rawValue)`"
            )
            if isRead { problems.require(value != "", "\(prefix).\(key)", "empty", "absent, or a name") }
        }
        if kind == .coco || kind == .pairs {
            let wanted = kind == .coco ? "a COCO JSON file" : "a .csv, .tsv or .jsonl file"
            problems.require(
                annotations != nil,
                "\(prefix).annotations",
                "missing",
                "\(wanted) for `kind: \(kind.rawValue)`"
            )
        }
        addScenesProblems(to: &problems, under: prefix)
        addSegmentationProblems(to: &problems, under: prefix)
        return problems
    }

    private func addScenesProblems(to problems: inout [SettingProblem], under prefix: String) {
        guard kind == .scenes else {
            return problems.require(scenes == nil, "\(prefix).scenes", "set", "absent for `kind: \(kind.rawValue)`")
        }
        let size = scenes?.size
        problems.require(
            (8...2048).contains(size ?? 0),
            "\(prefix).scenes.size",
            size.map { "\($0)" } ?? "missing",
            "from 8 to 2048 pixels"
        )
        problems.require(
            scenes?.schedule != nil,
            "\(prefix).scenes.difficulty",
            scenes?.difficulty.map { "\($0)" } ?? "missing",
            "pairs of an update and a value from 0 to 1, updates growing, such as [[0, 0.0], [1000, 1.0]]"
        )
    }

    private func addSegmentationProblems(to problems: inout [SettingProblem], under prefix: String) {
        guard kind == .segmentation else {
            let wanted = "absent for `kind: \(kind.rawValue)`"
            return problems.require(segmentation == nil, "\(prefix).segmentation", "set", wanted)
        }
        let section = segmentation ?? Segmentation()
        let layouts = SegmentationLayout.Name.allCases.map(\.rawValue).joined(separator: ", ")
        problems.require(section.layout != nil, "\(prefix).segmentation.layout", "missing", "one of \(layouts)")
        problems.require(
            section.classes?.isEmpty == false,
            "\(prefix).segmentation.classes",
            section.classes ?? "missing",
            "a shipped list of classes such as voc-20, or the path of one"
        )
        let names = [
            ("pictures", section.pictures), ("labels", section.labels), ("label_suffix", section.labelSuffix),
            ("list", section.list),
        ]
        for (key, value) in names {
            problems.require(value != "", "\(prefix).segmentation.\(key)", "empty", "absent, or a name below the root")
        }
        let values = section.ignore ?? []
        problems.require(
            values.allSatisfy { UInt16(exactly: $0) != nil },
            "\(prefix).segmentation.ignore",
            values.map(String.init).joined(separator: ", "),
            "stored values from 0 to 65535"
        )
        guard let layout = section.layout else { return }
        problems.require(
            section.reduceZeroLabel == nil || layout == .folders,
            "\(prefix).segmentation.reduce_zero_label",
            section.reduceZeroLabel.map { "\($0)" } ?? "",
            "absent: the layout \(layout.rawValue) says what 0 means"
        )
        let isPanoptic = layout == .panoptic
        problems.require(
            isPanoptic == (annotations != nil),
            "\(prefix).annotations",
            annotations ?? "missing",
            isPanoptic ? "a panoptic COCO JSON" : "absent for the layout \(layout.rawValue)"
        )
        guard isPanoptic else { return }
        for (key, isSet) in [
            ("ignore", section.ignore != nil), ("list", section.list != nil),
            ("label_suffix", section.labelSuffix != nil),
        ] {
            problems.require(
                !isSet,
                "\(prefix).segmentation.\(key)",
                "set",
                "absent: the JSON says which files there are"
            )
        }
    }
}
