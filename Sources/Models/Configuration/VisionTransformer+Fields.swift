import Tensors

extension VisionTransformer.Configuration {
    /// Reads `vision_cfg`; names, defaults and meaning are those of open_clip's `CLIPVisionCfg` (version 3).
    init(
        _ visionFields: ConfigurationFields,
        embeddingSize: Int,
        activation: Activation
    ) throws(ModelsError) {
        var fields = visionFields
        try Self.refuseOtherTowers(&fields)
        try Self.refuseOtherBlocks(&fields)

        let image = try fields.pair("image_size", default: 224)
        let patch = try fields.pair("patch_size", default: 16)
        guard patch.vertical == patch.horizontal else {
            throw .unsupportedField(
                "vision_cfg.patch_size",
                value: "[\(patch.vertical), \(patch.horizontal)]",
                supported: "square patches"
            )
        }
        guard image.vertical % patch.vertical == 0, image.horizontal % patch.vertical == 0 else {
            throw .malformedField(
                "vision_cfg.image_size",
                found: "[\(image.vertical), \(image.horizontal)]",
                expected: "multiples of patch_size \(patch.vertical)"
            )
        }
        let width = try fields.positiveInteger("width", default: 768)
        let headWidth = try fields.positiveInteger("head_width", default: 64)
        let headCount = width / headWidth
        guard headCount > 0, width % headCount == 0 else {
            throw .malformedField(
                "vision_cfg.head_width",
                found: "\(headWidth)",
                expected: "a divisor of width \(width)"
            )
        }
        let ratio = try fields.number("mlp_ratio") ?? 4
        // open_clip truncates, so that ViT-bigG's 1664 · 4.9231 gives 8192.
        guard (0..<1000).contains(ratio), case let hidden = Int(Double(width) * ratio), hidden > 0 else {
            throw .malformedField("vision_cfg.mlp_ratio", found: "\(ratio)", expected: "a ratio such as 4.0")
        }
        self.init(
            embeddingSize: embeddingSize,
            imageHeight: image.vertical,
            imageWidth: image.horizontal,
            patchSize: patch.vertical,
            width: width,
            layers: try fields.positiveInteger("layers", default: 12),
            headCount: headCount,
            hidden: hidden,
            activation: activation,
            normEpsilon: try fields.normEpsilon(),
            layerScale: try fields.number("ls_init_value").map { Float($0) },
            hasPreNorm: try !fields.boolean("no_ln_pre"),
            pooling: try Self.pooling(&fields),
            normalizesAfterPooling: try fields.boolean("final_ln_after_pool")
        )
        // Sizes that are legal one by one may overflow, or empty the machine's memory, when multiplied.
        guard approximateParameterCount <= ConfigurationFields.largestParameterCount else {
            throw .malformedField(
                "vision_cfg",
                found: "sizes of \(approximateParameterCount) parameters",
                expected: "at most \(ConfigurationFields.largestParameterCount), more than any tower has"
            )
        }
        // Whether open_clip's forward also returns tokens does not change what they are.
        fields.carry("output_tokens")
        try fields.finish()
    }

    /// Without biases and norms; in floating point, as it may be of any size.
    private var approximateParameterCount: Double {
        let (width, hidden, patch) = (Double(width), Double(hidden), Double(patchSize))
        let block = width * (4 * width + 2 * hidden)
        let cells = (Double(imageHeight) / patch) * (Double(imageWidth) / patch)
        return Double(layers) * block + width * (cells + 3 * patch * patch + Double(embeddingSize))
    }

    private static func refuseOtherTowers(_ fields: inout ConfigurationFields) throws(ModelsError) {
        let native = "open_clip's own vision transformer, which has no timm_model_name and one number of layers"
        try fields.require("timm_model_name", oneOf: [], supported: native)
        fields.carry("timm_model_pretrained", "timm_pool", "timm_proj", "timm_proj_bias", "timm_drop", "timm_drop_path")
        if case .array = fields.value("layers") {
            try fields.require("layers", oneOf: [], supported: native)
        }
        try fields.require("attentional_pool", oneOf: [.boolean(false)], supported: "false, with pool_type tok or avg")
        fields.carry("attn_pooler_queries", "attn_pooler_heads")
    }

    private static func refuseOtherBlocks(_ fields: inout ConfigurationFields) throws(ModelsError) {
        try fields.require("patch_dropout", oneOf: [.number(0)], supported: "0, as every patch is distilled")
        try fields.require("pos_embed_type", oneOf: [.string("learnable")], supported: "\"learnable\"")
        try fields.require("act_kwargs", oneOf: [.object([:])], supported: "{}: exact GELU, or quick_gelu at the top")
        try fields.require("block_type", oneOf: [.string("default")], supported: "\"default\"")
        for name in ["qk_norm", "scaled_cosine_attn", "scale_heads", "scale_attn_inner", "scale_attn", "scale_fc"] {
            try fields.require(name, oneOf: [.boolean(false)], supported: "false")
        }
    }

    private static func pooling(_ fields: inout ConfigurationFields) throws(ModelsError) -> Pooling {
        try fields.require("pool_type", oneOf: [.string("tok"), .string("avg")], supported: "\"tok\" and \"avg\"")
        guard case .string(let name) = fields.value("pool_type") else { return .classToken }
        return Pooling(rawValue: name) ?? .classToken
    }
}
