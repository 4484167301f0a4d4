extension Presets {
    /// The lists of classes in `Configs/classes`, as text: one class a line, `| unseen` behind those that training withholds.
    package static let classLists: [String: String] = [
        "ade20k-150": String(decoding: PackageResources.ade20k_150_txt, as: UTF8.self),
        "coco-stuff-171": String(decoding: PackageResources.coco_stuff_171_txt, as: UTF8.self),
        "pascal-context-59": String(decoding: PackageResources.pascal_context_59_txt, as: UTF8.self),
        "pascal-context-60": String(decoding: PackageResources.pascal_context_60_txt, as: UTF8.self),
        "voc-20": String(decoding: PackageResources.voc_20_txt, as: UTF8.self),
    ]
}
