/// The model files and recipes that travel inside the executable, by the name a user types.
///
/// A worker machine has the binary and a database URL, and no copy of this folder. SwiftPM embeds each file under a
/// name of its own, so the list is written out; `PresetsTests` holds it against the folder.
package enum Presets {
    /// open_clip's model files; names with `stillhouse` are ours, in the same schema.
    package static let models: [String: [UInt8]] = [
        "ViT-B-16": PackageResources.ViT_B_16_json,
        "ViT-B-16-quickgelu": PackageResources.ViT_B_16_quickgelu_json,
        "ViT-B-32": PackageResources.ViT_B_32_json,
        "ViT-B-32-quickgelu": PackageResources.ViT_B_32_quickgelu_json,
        "ViT-L-14": PackageResources.ViT_L_14_json,
        "ViT-L-14-336": PackageResources.ViT_L_14_336_json,
        "ViT-L-14-336-quickgelu": PackageResources.ViT_L_14_336_quickgelu_json,
        "ViT-L-14-quickgelu": PackageResources.ViT_L_14_quickgelu_json,
        "stillhouse-ViT-B-16-256": PackageResources.stillhouse_ViT_B_16_256_json,
        "stillhouse-ViT-B-16-sigmoid": PackageResources.stillhouse_ViT_B_16_sigmoid_json,
        "stillhouse-ViT-S-14-desk": PackageResources.stillhouse_ViT_S_14_desk_json,
        "stillhouse-ViT-S-16-sigmoid": PackageResources.stillhouse_ViT_S_16_sigmoid_json,
        "stillhouse-ViT-Ti-16": PackageResources.stillhouse_ViT_Ti_16_json,
        "stillhouse-desk": PackageResources.stillhouse_desk_json,
        "stillhouse-tiny": PackageResources.stillhouse_tiny_json,
    ]
}
