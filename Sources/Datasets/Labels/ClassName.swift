/// What a class is called when it is spoken of to a text tower.
package enum ClassName {
    /// Trimmed, underscores as spaces, single spaces, lower case.
    package static func normalised(_ name: some StringProtocol) -> String {
        name.lowercased().split { $0.isWhitespace || $0 == "_" }.joined(separator: " ")
    }

    /// How MaskCLIP says the names of Pascal VOC, Pascal Context and COCO-Stuff: "tvmonitor" as "tv monitor", "ceiling-other"
    /// as "ceiling", "wall-concrete" as "concrete wall". COCO's panoptic names may also end in "-merged".
    ///
    /// - SeeAlso: Zhou et al. 2022, arXiv:2112.01071.
    package static func spoken(_ datasetName: some StringProtocol) -> String {
        var name = normalised(datasetName)
        if let word = words[name] { return word }
        for ending in ["-merged", "-other", "-stuff"] where name.hasSuffix(ending) && name.count > ending.count {
            name.removeLast(ending.count)
            // "floor-other-merged" has two endings; "ceiling-other" is said without turning anything round.
            if ending != "-merged" { return name }
        }
        guard let hyphen = name.firstIndex(of: "-") else { return name }
        return normalised("\(name[name.index(after: hyphen)...]) \(name[..<hyphen])")
    }

    private static let words = [
        "aeroplane": "airplane", "diningtable": "dining table", "pottedplant": "potted plant",
        "tvmonitor": "tv monitor",
    ]
}
