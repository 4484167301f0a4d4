package import Checkpoints

extension CheckpointLayout {
    /// Integer scalars of OpenAI's release that repeat what other shapes say.
    static let openAIScalars = ["input_resolution", "context_length", "vocab_size"]

    /// Prefixes that training wrappers leave on every key.
    private static let wrappers = ["module.", "state_dict.", "model."]

    /// Keys that hold nothing trained and can be recomputed: the only ones a strict load passes over.
    package static func ignores(_ key: String) -> Bool {
        key.contains("rope.") || key.contains("position_ids") || key.contains("attn_mask")
            || openAIScalars.contains(key)
    }

    /// The wrapper prefix that all keys share, such as `module.`; empty when there is none.
    package static func wrapper(of keys: some Collection<String>) -> String {
        var wrapper = ""
        // Damage may repeat a prefix a million times; nobody wraps so often.
        while wrapper.utf8.count < 64,
            let next = wrappers.first(where: { next in keys.allSatisfy { $0.hasPrefix(wrapper + next) } }),
            !keys.isEmpty
        {
            wrapper += next
        }
        return wrapper
    }

    /// Recognises a layout by one key (two where open_clip's variants share it), wrapper prefixes left aside.
    ///
    /// - Throws: `CheckpointError.unsupportedLayout` for EVA and timm towers, `.unknownLayout` with a few of the keys.
    package static func detected(in keys: some Collection<String>) throws(CheckpointError) -> CheckpointLayout {
        let wrapper = wrapper(of: keys)
        let bare = Set(keys.map { $0.dropFirst(wrapper.count) })
        if bare.contains("visual.conv1.weight") {
            if openAIScalars.contains(where: { bare.contains($0[...]) }) { return .openAI }
            return bare.contains("text.positional_embedding") ? .openCLIPCustomText : .openCLIP
        }
        if bare.contains("vision_model.embeddings.class_embedding") { return .huggingFace }
        if bare.contains("visual.blocks.0.attn.q_bias") { throw .unsupportedLayout(name: "EVA-CLIP") }
        if bare.contains("visual.trunk.blocks.0.attn.q_proj.bias") { throw .unsupportedLayout(name: "timm trunk") }
        throw .unknownLayout(keys: Array(keys.sorted().prefix(3)))
    }
}
