package import Checkpoints

/// A way of naming and storing CLIP's tensors; raw values are what `--layout` takes.
package enum CheckpointLayout: String, Sendable, Hashable, CaseIterable, Codable {
    /// Our native keys: open_clip's `CLIP`, text tower unprefixed.
    case openCLIP = "open_clip"
    /// open_clip's `CustomTextCLIP`: the text tower stands under `text.`.
    case openCLIPCustomText = "open_clip_custom_text"
    /// transformers' `CLIPModel`.
    case huggingFace = "huggingface"
    /// OpenAI's release: open_clip's names plus three integer scalars.
    case openAI = "openai"

    /// How tensors of this layout correspond to native ones.
    package var keyMap: KeyMap {
        switch self {
        case .openCLIP, .openAI: KeyMap(keepsUnmatched: true)
        case .openCLIPCustomText: .openCLIPCustomText
        case .huggingFace: .huggingFace
        }
    }
}
