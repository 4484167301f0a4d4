package import Objectives

extension Recipe.DataSource {
    /// Keys that some kinds of data read and others do not: a key that nobody reads is a mistake.
    private var keys: [(key: String, value: String?, kinds: [Kind])] {
        [
            ("annotations", annotations, [.coco, .pairs]),
            ("captions", captions, [.coco]),
            ("image_column", imageColumn, [.pairs]),
            ("caption_column", captionColumn, [.pairs, .webdataset]),
            ("shards", shards, [.webdataset]),
        ]
    }

    /// What is wrong with the section by itself.
    package func problems() -> [SettingProblem] {
        var problems: [SettingProblem] = []
        problems.require(!root.isEmpty, "data.root", root, "a directory or an http(s) address")
        for (key, value, kinds) in keys {
            let isRead = kinds.contains(kind)
            problems.require(isRead || value == nil, "data.\(key)", value ?? "", "absent for `kind: \(kind.rawValue)`")
            if isRead { problems.require(value != "", "data.\(key)", "empty", "absent, or a name") }
        }
        if kind == .coco || kind == .pairs {
            let wanted = kind == .coco ? "a COCO JSON file" : "a .csv, .tsv or .jsonl file"
            problems.require(
                annotations != nil,
                "data.annotations",
                "missing",
                "\(wanted) for `kind: \(kind.rawValue)`"
            )
        }
        addScenesProblems(to: &problems)
        return problems
    }

    private func addScenesProblems(to problems: inout [SettingProblem]) {
        guard kind == .scenes else {
            return problems.require(scenes == nil, "data.scenes", "set", "absent for `kind: \(kind.rawValue)`")
        }
        let size = scenes?.size
        problems.require(
            (8...2048).contains(size ?? 0),
            "data.scenes.size",
            size.map { "\($0)" } ?? "missing",
            "from 8 to 2048 pixels"
        )
        problems.require(
            scenes?.schedule != nil,
            "data.scenes.difficulty",
            scenes?.difficulty.map { "\($0)" } ?? "missing",
            "pairs of an update and a value from 0 to 1, updates growing, such as [[0, 0.0], [1000, 1.0]]"
        )
    }
}
