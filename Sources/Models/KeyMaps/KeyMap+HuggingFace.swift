package import Checkpoints

extension KeyMap {
    /// transformers' `CLIPModel`: separate q, k and v, projections transposed, and a `pre_layrnorm` spelt so.
    ///
    /// - SeeAlso: transformers `models/clip/modeling_clip.py`.
    package static let huggingFace = KeyMap(
        sections: [
            Section(Rule.renamed("logit_scale", "logit_scale")),
            Section(
                [
                    Rule.renamed("visual.class_embedding", "vision_model.embeddings.class_embedding"),
                    Rule.renamed("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
                    Rule.renamed("visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"),
                    Rule.layer("visual.ln_pre", "vision_model.pre_layrnorm"),
                    block("visual.transformer.resblocks.{i}", "vision_model.encoder.layers.{i}"),
                    Rule.layer("visual.ln_post", "vision_model.post_layernorm"),
                    // A bare CLIPVisionModel has no projection.
                    [Rule("visual.proj", ["visual_projection.weight"], .transposed, isOptional: true)],
                ].flatMap(\.self)
            ),
            Section(
                [
                    Rule.renamed("positional_embedding", "text_model.embeddings.position_embedding.weight"),
                    Rule.renamed("token_embedding.weight", "text_model.embeddings.token_embedding.weight"),
                    block("transformer.resblocks.{i}", "text_model.encoder.layers.{i}"),
                    Rule.layer("ln_final", "text_model.final_layer_norm"),
                    [Rule("text_projection", ["text_projection.weight"], .transposed, isOptional: true)],
                ].flatMap(\.self)
            ),
        ],
        keepsUnmatched: false
    )

    private static func block(_ native: String, _ foreign: String) -> [Rule] {
        let attention = ["weight", "bias"].map { kind in
            let thirds = ["q", "k", "v"].map { "\(foreign).self_attn.\($0)_proj.\(kind)" }
            return Rule("\(native).attn.in_proj_\(kind)", thirds, .concatenated)
        }
        return Rule.layer("\(native).ln_1", "\(foreign).layer_norm1")
            + attention
            + Rule.layer("\(native).attn.out_proj", "\(foreign).self_attn.out_proj")
            + Rule.layer("\(native).ln_2", "\(foreign).layer_norm2")
            + Rule.layer("\(native).mlp.c_fc", "\(foreign).mlp.fc1")
            + Rule.layer("\(native).mlp.c_proj", "\(foreign).mlp.fc2")
    }
}
