package import Checkpoints

extension KeyMap {
    /// open_clip's `CustomTextCLIP`: the same towers, the text one moved under `text.`; `logit_scale` stays outside.
    ///
    /// - SeeAlso: open_clip `model.py`, `convert_to_custom_text_state_dict`.
    package static let openCLIPCustomText = KeyMap(
        prefixes: [
            Prefix("positional_embedding", "text.positional_embedding"),
            Prefix("text_projection", "text.text_projection"),
            Prefix("token_embedding", "text.token_embedding"),
            Prefix("transformer", "text.transformer"),
            Prefix("ln_final", "text.ln_final"),
        ],
        keepsUnmatched: true
    )
}
