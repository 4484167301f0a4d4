import Tensors

extension TextTransformer.Configuration {
    /// Reads `text_cfg`; names, defaults and meaning are those of open_clip's `CLIPTextCfg` (version 3).
    init(
        _ textFields: ConfigurationFields,
        embeddingSize: Int,
        activation: Activation
    ) throws(ModelsError) {
        var fields = textFields
        try Self.refuseOtherTowers(&fields)
        try Self.refuseOtherBlocks(&fields)
        try Self.refuseOtherPooling(&fields)
        let width = try fields.positiveInteger("width", default: 512)
        let headCount = try fields.positiveInteger("heads", default: 8)
        guard width % headCount == 0 else {
            throw .malformedField("text_cfg.heads", found: "\(headCount)", expected: "a divisor of width \(width)")
        }
        let ratio = try fields.number("mlp_ratio") ?? 4
        guard (0..<1000).contains(ratio), case let hidden = Int(Double(width) * ratio), hidden > 0 else {
            throw .malformedField("text_cfg.mlp_ratio", found: "\(ratio)", expected: "a ratio such as 4.0")
        }
        let contextLength = try fields.positiveInteger("context_length", default: 77)
        guard contextLength >= 3 else {
            let expected = "at least 3, for start, a word and end"
            throw .malformedField("text_cfg.context_length", found: "\(contextLength)", expected: expected)
        }
        self.init(
            embeddingSize: embeddingSize,
            contextLength: contextLength,
            vocabularySize: try fields.positiveInteger("vocab_size", default: CLIPTokenizer.vocabularySize),
            width: width,
            layers: try fields.positiveInteger("layers", default: 12),
            headCount: headCount,
            hidden: hidden,
            activation: activation,
            normEpsilon: try fields.normEpsilon(),
            layerScale: try fields.number("ls_init_value").map { Float($0) }
        )
        // Sizes that are legal one by one may overflow, or empty the machine's memory, when multiplied.
        let count = approximateParameterCount
        guard count <= ConfigurationFields.largestParameterCount else {
            throw .malformedField(
                "text_cfg",
                found: "sizes of \(count) parameters",
                expected: "at most \(ConfigurationFields.largestParameterCount), more than any tower has"
            )
        }
        try fields.finish()
    }

    /// Without biases and norms; in floating point, as it may be of any size.
    private var approximateParameterCount: Double {
        let (width, hidden) = (Double(width), Double(hidden))
        let tables = Double(vocabularySize) + Double(contextLength) + Double(embeddingSize)
        return Double(layers) * width * (4 * width + 2 * hidden) + width * tables
    }

    private static func refuseOtherTowers(_ fields: inout ConfigurationFields) throws(ModelsError) {
        let native = "open_clip's own text transformer with CLIP's tokenizer"
        for name in ["hf_model_name", "hf_tokenizer_name", "tokenizer_mode"] {
            try fields.require(name, oneOf: [], supported: "\(native): no \(name)")
        }
        try fields.require("tokenizer_kwargs", oneOf: [.object([:])], supported: "{}: \(native)")
        fields.carry("hf_model_pretrained", "hf_proj_type", "hf_pooler_type")
    }

    private static func refuseOtherBlocks(_ fields: inout ConfigurationFields) throws(ModelsError) {
        try fields.require("no_causal_mask", oneOf: [.boolean(false)], supported: "false")
        try fields.require("act_kwargs", oneOf: [.object([:])], supported: "{}: exact GELU, or quick_gelu at the top")
        try fields.require("block_type", oneOf: [.string("default")], supported: "\"default\"")
        for name in ["qk_norm", "scaled_cosine_attn", "scale_heads", "scale_attn_inner", "scale_attn", "scale_fc"] {
            try fields.require(name, oneOf: [.boolean(false)], supported: "false")
        }
    }

    private static func refuseOtherPooling(_ fields: inout ConfigurationFields) throws(ModelsError) {
        try fields.require("pool_type", oneOf: [.string("argmax")], supported: "\"argmax\", the end of text")
        try fields.require("proj_type", oneOf: [.string("linear")], supported: "\"linear\"")
        for name in ["embed_cls", "proj_bias"] {
            try fields.require(name, oneOf: [.boolean(false)], supported: "false")
        }
        // Padding stands behind the end, where nobody looks; a norm of one token may come before pooling or after.
        fields.carry("pad_id", "eos_id", "final_ln_after_pool", "output_tokens")
    }
}
