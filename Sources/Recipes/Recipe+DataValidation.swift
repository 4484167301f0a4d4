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
        return problems
    }
}
