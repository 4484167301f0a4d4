extension Presets {
    /// The recipes in `Configs/recipes`, as YAML text.
    package static let recipes: [String: String] = [
        "clip-vit-s-14-desk": text(PackageResources.clip_vit_s_14_desk_yaml),
        "clipself-openai-vit-b-16-patches-batch16": text(
            PackageResources.clipself_openai_vit_b_16_patches_batch16_yaml
        ),
        "clipself-openai-vit-b-16-patches-batch2": text(PackageResources.clipself_openai_vit_b_16_patches_batch2_yaml),
        "clipself-openai-vit-b-16-proposals-batch16": text(
            PackageResources.clipself_openai_vit_b_16_proposals_batch16_yaml
        ),
        "clipself-openai-vit-b-16-proposals-batch2": text(
            PackageResources.clipself_openai_vit_b_16_proposals_batch2_yaml
        ),
        "clipself-openai-vit-l-14-patches-batch16": text(
            PackageResources.clipself_openai_vit_l_14_patches_batch16_yaml
        ),
        "clipself-openai-vit-l-14-patches-batch2": text(PackageResources.clipself_openai_vit_l_14_patches_batch2_yaml),
        "clipself-openai-vit-l-14-proposals-batch16": text(
            PackageResources.clipself_openai_vit_l_14_proposals_batch16_yaml
        ),
        "clipself-openai-vit-l-14-proposals-batch2": text(
            PackageResources.clipself_openai_vit_l_14_proposals_batch2_yaml
        ),
        "clipself-tiny": text(PackageResources.clipself_tiny_yaml),
        "contrastive-desk": text(PackageResources.contrastive_desk_yaml),
        "contrastive-small": text(PackageResources.contrastive_small_yaml),
        "contrastive-vit-b-16-sigmoid": text(PackageResources.contrastive_vit_b_16_sigmoid_yaml),
        "mvpseg-coco-stuff": text(PackageResources.mvpseg_coco_stuff_yaml),
        "mvpseg-context": text(PackageResources.mvpseg_context_yaml),
        "mvpseg-desk": text(PackageResources.mvpseg_desk_yaml),
        "mvpseg-plus-coco-stuff": text(PackageResources.mvpseg_plus_coco_stuff_yaml),
        "mvpseg-plus-context": text(PackageResources.mvpseg_plus_context_yaml),
        "mvpseg-plus-desk": text(PackageResources.mvpseg_plus_desk_yaml),
        "mvpseg-plus-voc": text(PackageResources.mvpseg_plus_voc_yaml),
        "mvpseg-voc": text(PackageResources.mvpseg_voc_yaml),
        "quickstart": text(PackageResources.quickstart_yaml),
        "silc-clipself-desk": text(PackageResources.silc_clipself_desk_yaml),
        "silc-clipself-small": text(PackageResources.silc_clipself_small_yaml),
        "silc-desk": text(PackageResources.silc_desk_yaml),
        "silc-small": text(PackageResources.silc_small_yaml),
        "silc-vit-b-16-sigmoid": text(PackageResources.silc_vit_b_16_sigmoid_yaml),
        "silc-vit-b-16-softmax": text(PackageResources.silc_vit_b_16_softmax_yaml),
    ]

    /// Every key of a recipe with its default, by the objective's kind.
    package static let recipeDefaults: [String: String] = [
        "clipself": text(PackageResources.clipself_yaml),
        "combined": text(PackageResources.combined_yaml),
        "mvpseg": text(PackageResources.mvpseg_yaml),
        "mvpseg-plus": text(PackageResources.mvpseg_plus_yaml),
        "silc": text(PackageResources.silc_yaml),
    ]

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
