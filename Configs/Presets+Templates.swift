extension Presets {
    /// The sets of prompt templates in `Configs/templates`, as text.
    package static let templates: [String: String] = [
        "imagenet-80": String(decoding: PackageResources.imagenet_80_txt, as: UTF8.self),
        "maskclip-85": String(decoding: PackageResources.maskclip_85_txt, as: UTF8.self),
        "simple": String(decoding: PackageResources.simple_txt, as: UTF8.self),
    ]
}
