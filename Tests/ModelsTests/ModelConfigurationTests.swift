import Configs
import Layers
import Models
import Tensors
import Testing

@Suite("ModelConfiguration")
struct ModelConfigurationTests {
    func read(_ vision: String, top: String = "") throws -> VisionTransformer.Configuration {
        try ModelConfiguration(json: #"{"embed_dim": 32, \#(top) "vision_cfg": {\#(vision)}}"#.utf8).vision
    }

    @Test("ViT-B-16's file gives ViT-B-16's sizes")
    func base() throws {
        let bytes = try #require(Presets.models["ViT-B-16-quickgelu"])
        let model = try ModelConfiguration(json: bytes)
        let vision = model.vision
        #expect(vision.embeddingSize == 512 && vision.imageHeight == 224 && vision.imageWidth == 224)
        #expect(vision.patchSize == 16 && vision.width == 768 && vision.layers == 12 && vision.headCount == 12)
        #expect(vision.hidden == 3072 && vision.activation == .quickGELU && vision.normEpsilon == 1e-5)
        #expect(vision.layerScale == nil && vision.hasPreNorm)
        #expect(vision.pooling == .classToken && !vision.normalizesAfterPooling)
        #expect(model.vision.grid == Grid(rows: 14, columns: 14))
        #expect(model.json == String(decoding: bytes, as: UTF8.self))
    }

    @Test("every preset is readable", arguments: Presets.models.keys.sorted())
    func presets(name: String) throws {
        let model = try ModelConfiguration(json: try #require(Presets.models[name]))
        let small = ["stillhouse-desk", "stillhouse-tiny"]
        #expect(model.vision.activation == (name.hasSuffix("-quickgelu") ? .quickGELU : .gelu))
        #expect(model.vision.width / model.vision.headCount == (small.contains(name) ? 32 : 64))
    }

    @Test("absent and null fields take open_clip's defaults")
    func defaults() throws {
        let vision = try read(#""ls_init_value": null, "timm_model_name": null, "norm_kwargs": null"#)
        #expect(vision.width == 768 && vision.layers == 12 && vision.headCount == 12 && vision.patchSize == 16)
        #expect(vision.imageHeight == 224 && vision.hidden == 3072 && vision.layerScale == nil)
        #expect(vision.activation == .gelu && vision.hasPreNorm && vision.pooling == .classToken)
    }

    @Test("every field that changes the tower is read")
    func fields() throws {
        let vision = try read(
            """
            "image_size": [28, 56], "patch_size": [14, 14], "width": 1664, "head_width": 104, "layers": 3,
            "mlp_ratio": 4.9231, "ls_init_value": 0.1, "no_ln_pre": true, "pool_type": "avg",
            "final_ln_after_pool": true, "norm_kwargs": {"eps": 1e-6}, "output_tokens": true
            """,
            top: #""quick_gelu": true, "#
        )
        #expect(vision.grid == Grid(rows: 2, columns: 4))
        #expect(vision.headCount == 16 && vision.hidden == 8192 && vision.layers == 3)
        #expect(vision.layerScale == 0.1 && vision.normEpsilon == 1e-6)
        #expect(!vision.hasPreNorm && vision.pooling == .average && vision.normalizesAfterPooling)
        #expect(vision.activation == .quickGELU)
    }

    @Test("the hub's wrapper is unwrapped, and foreign colour constants are refused")
    func hubFile() throws {
        let wrapped = { (mean: String) in
            #"{"model_cfg": {"embed_dim": 8, "vision_cfg": {}}, "preprocess_cfg": {"mean": \#(mean), "size": [9, 9]}}"#
        }
        let vision = try ModelConfiguration(json: wrapped("[0.48145466, 0.4578275, 0.40821073]").utf8).vision
        #expect(vision.embeddingSize == 8)
        let error = #expect(throws: ModelsError.self) {
            try ModelConfiguration(json: wrapped("[0.485, 0.456, 0.406]").utf8)
        }
        #expect(error?.description.hasPrefix("preprocess_cfg.mean: [0.485, 0.456, 0.406]") == true)
    }

    @Test(
        "a value that would change the features and is not supported is an error with field, value and what is",
        arguments: [
            (
                #""timm_model_name": "eva02_base_patch16_clip_224""#, "timm_model_name",
                "\"eva02_base_patch16_clip_224\""
            ),
            (#""layers": [3, 4, 6, 3]"#, "layers", "[3, 4, 6, 3]"),
            (#""attentional_pool": true"#, "attentional_pool", "true"),
            (#""pool_type": "none""#, "pool_type", "\"none\""),
            (#""patch_dropout": 0.5"#, "patch_dropout", "0.5"),
            (#""pos_embed_type": "sin_cos_2d""#, "pos_embed_type", "\"sin_cos_2d\""),
            (#""act_kwargs": {"approximate": "tanh"}"#, "act_kwargs", #"{"approximate": "tanh"}"#),
            (#""qk_norm": true"#, "qk_norm", "true"), (#""scale_fc": true"#, "scale_fc", "true"),
            (#""block_type": "custom""#, "block_type", "\"custom\""),
            (#""patch_size": [14, 16]"#, "patch_size", "[14, 16]"),
        ]
    )
    func unsupported(vision: String, field: String, value: String) {
        let error = #expect(throws: ModelsError.self) { try read(vision) }
        guard case .unsupportedField(let name, let found, let supported) = error else {
            Issue.record("\(String(describing: error)) is another error")
            return
        }
        #expect(name == "vision_cfg.\(field)")
        #expect(found == value)
        #expect(!supported.isEmpty)
        #expect(error?.description.hasPrefix("vision_cfg.\(field): \(value) would change the features") == true)
    }

    @Test("a field that open_clip does not have is an error with its path")
    func unknown() {
        func unknownField(_ body: () throws -> Void) -> String? {
            guard case .unknownField(let field, _, _)? = #expect(throws: ModelsError.self, performing: body) else {
                return nil
            }
            return field
        }
        #expect(unknownField { _ = try read(#""widht": 64"#) } == "vision_cfg.widht")
        #expect(unknownField { _ = try read(#""eva_model_name": "eva02""#) } == "vision_cfg.eva_model_name")
        #expect(unknownField { _ = try read(#""norm_kwargs": {"bias": false}"#) } == "vision_cfg.norm_kwargs.bias")
        #expect(unknownField { _ = try read("", top: #""quickgelu": true, "#) } == "quickgelu")
    }

    @Test(
        "values of the wrong kind are errors, not crashes",
        arguments: [
            #""width": 0"#, #""width": -64"#, #""width": 64.5"#, #""width": "64""#, #""width": 1e30"#,
            #""width": 100, "head_width": 33"#, #""width": 32"#, #""layers": 0"#, #""image_size": 225"#,
            #""image_size": [224]"#, #""image_size": [224, 0]"#, #""image_size": {}"#, #""mlp_ratio": 0"#,
            #""mlp_ratio": 1e300"#, #""mlp_ratio": -2"#, #""mlp_ratio": -1e300"#,
            #""width": 16777215, "head_width": 16777215, "mlp_ratio": 999, "layers": 16777215"#,
            #""image_size": 16777215, "patch_size": 1"#, #""no_ln_pre": 1"#,
            #""ls_init_value": "small""#,
            #""norm_kwargs": 3"#, #""width": 4611686018427387904, "head_width": 4611686018427387904"#,
        ]
    )
    func malformed(vision: String) {
        let error = #expect(throws: ModelsError.self) { try read(vision) }
        guard case .malformedField = error else {
            Issue.record("\(String(describing: error)) is another error")
            return
        }
    }

    @Test("what is no model file says so")
    func notAModel() {
        #expect(throws: ModelsError.missingField("embed_dim")) { try ModelConfiguration(json: "{}".utf8) }
        #expect(throws: ModelsError.missingField("vision_cfg")) {
            try ModelConfiguration(json: #"{"embed_dim": 4}"#.utf8)
        }
        for text in ["", "[1]", "{", "\u{0}"] {
            let error = #expect(throws: ModelsError.self) { try ModelConfiguration(json: text.utf8) }
            #expect(error?.description.contains("not a JSON object") == true)
        }
    }

    @Test("image sizes off the patch grid are refused before any tensor exists")
    func grids() throws {
        let vision = try read("")
        #expect(try vision.grid(height: 32, width: 64) == Grid(rows: 2, columns: 4))
        #expect(throws: ModelsError.indivisibleImage(height: 32, width: 60, patchSize: 16)) {
            try vision.grid(height: 32, width: 60)
        }
        #expect(throws: ModelsError.indivisibleImage(height: 0, width: 16, patchSize: 16)) {
            try vision.grid(height: 0, width: 16)
        }
    }

    private func model(text: String, top: String = "") throws -> ModelConfiguration {
        try ModelConfiguration(json: #"{"embed_dim": 32, \#(top) "vision_cfg": {}, "text_cfg": {\#(text)}}"#.utf8)
    }

    @Test("every field that changes the text tower is read, and absent ones take open_clip's defaults")
    func textFields() throws {
        let standard = try model(text: "").textTower()
        #expect(standard.contextLength == 77 && standard.vocabularySize == 49408 && standard.endOfText == 49407)
        #expect(standard.width == 512 && standard.headCount == 8 && standard.layers == 12 && standard.hidden == 2048)
        #expect(standard.activation == .gelu && standard.normEpsilon == 1e-5 && standard.layerScale == nil)
        let odd = try model(
            text: """
                "context_length": 32, "vocab_size": 100, "width": 24, "heads": 3, "layers": 2, "mlp_ratio": 2.5,
                "ls_init_value": 0.1, "norm_kwargs": {"eps": 1e-6}, "pad_id": 3, "final_ln_after_pool": true
                """,
            top: #""quick_gelu": true, "#
        ).textTower()
        #expect(odd.contextLength == 32 && odd.vocabularySize == 100 && odd.endOfText == 99)
        #expect(odd.width == 24 && odd.headCount == 3 && odd.layers == 2 && odd.hidden == 60)
        #expect(odd.activation == .quickGELU && odd.normEpsilon == 1e-6 && odd.layerScale == 0.1)
        #expect(odd.embeddingSize == 32)
        #expect(throws: ModelsError.self) { try odd.checkVocabulary() }
    }

    @Test(
        "a text tower that we do not compute is an error with the field's name, for those who ask for it",
        arguments: [
            (#""hf_model_name": "roberta-base""#, "text_cfg.hf_model_name"),
            (#""hf_tokenizer_name": "timm/x""#, "text_cfg.hf_tokenizer_name"),
            (#""tokenizer_kwargs": {"clean": "canonicalize"}"#, "text_cfg.tokenizer_kwargs"),
            (#""no_causal_mask": true"#, "text_cfg.no_causal_mask"),
            (#""embed_cls": true"#, "text_cfg.embed_cls"), (#""pool_type": "last""#, "text_cfg.pool_type"),
            (#""proj_bias": true"#, "text_cfg.proj_bias"), (#""proj_type": "none""#, "text_cfg.proj_type"),
            (#""act_kwargs": {"approximate": "tanh"}"#, "text_cfg.act_kwargs"),
            (#""qk_norm": true"#, "text_cfg.qk_norm"), (#""heads": 7"#, "text_cfg.heads"),
            (#""context_length": 2"#, "text_cfg.context_length"), (#""depth": 3"#, "text_cfg.depth"),
            (#""width": 8000000"#, "text_cfg"),
        ]
    )
    func foreignText(text: String, field: String) throws {
        let model = try model(text: text)
        #expect(model.vision.embeddingSize == 32 && model.text == nil)
        let error = try #require(throws: ModelsError.self) { try model.textTower() }
        #expect(error.description.hasPrefix(field + ":"), "\(error)")
        #expect(throws: error) { try model.clip() }
    }

    @Test("a file without a text tower says so only when asked")
    func noText() throws {
        let model = try ModelConfiguration(json: #"{"embed_dim": 32, "vision_cfg": {}}"#.utf8)
        #expect(model.text == nil)
        #expect(throws: ModelsError.missingField("text_cfg")) { try model.textTower() }
    }

    @Test("the scale starts at CLIP's value or the file's, the bias only where the file has one")
    func logits() throws {
        let standard = try model(text: "").clip()
        #expect(abs(standard.logitScale - 2.6592600) < 1e-6 && standard.logitBias == nil)
        let sigmoid = try model(text: "", top: #""init_logit_scale": 2.3, "init_logit_bias": -10, "#).clip()
        #expect(sigmoid.logitScale == 2.3 && sigmoid.logitBias == -10)
        #expect(throws: ModelsError.self) { try model(text: "", top: #""nonscalar_logit_scale": true, "#).clip() }
    }

    @Test("every preset has a text tower with CLIP's tokens", arguments: Presets.models.keys.sorted())
    func presetTexts(name: String) throws {
        let clip = try ModelConfiguration(json: try #require(Presets.models[name])).clip()
        try clip.text.checkVocabulary()
        #expect(clip.text.embeddingSize == clip.vision.embeddingSize && clip.text.activation == clip.vision.activation)
    }
}
