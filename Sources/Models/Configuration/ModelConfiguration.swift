import Foundation
import Tensors

/// A model as open_clip describes it: the towers that we compute, and the text of the file for all the rest.
///
/// Reads open_clip's `model_configs/*.json` and the hub's `open_clip_config.json` unchanged. Fields that cannot change
/// the image tower are carried; a field that would change it and that we do not compute is an error with its name. A
/// text tower that we do not compute is an error only for those who ask for it: the image tower works without.
package struct ModelConfiguration: Hashable, Sendable {
    package let vision: VisionTransformer.Configuration
    private let textSide: Result<TextSide, ModelsError>
    /// The file as it was read; stored with a run and shipped beside exported weights.
    package let json: String

    /// What the file says beside the image tower.
    private struct TextSide: Hashable {
        let tower: TextTransformer.Configuration?
        let logitScale: Double
        let logitBias: Double?
    }

    /// Nil where the file describes no text tower, or none that we compute; `textTower()` says which.
    package var text: TextTransformer.Configuration? { (try? textSide.get())?.tower }

    /// - Throws: `ModelsError`
    package init(json bytes: some Sequence<UInt8>) throws(ModelsError) {
        let data = Data(bytes)
        var fields: ConfigurationFields
        do {
            let object = try JSONDecoder().decode([String: JSONValue].self, from: data)
            fields = ConfigurationFields(object, path: "")
        } catch {
            throw .notJSON(reason: Self.reason(of: error))
        }
        if let model = try fields.object("model_cfg") {
            try Self.checkPreprocessing(try fields.object("preprocess_cfg") ?? [:])
            try fields.finish()
            fields = ConfigurationFields(model, path: "")
        }
        let embeddingSize = try fields.positiveInteger("embed_dim", default: nil)
        let activation: Activation = try fields.boolean("quick_gelu") ? .quickGELU : .gelu
        guard let tower = try fields.object("vision_cfg") else { throw .missingField("vision_cfg") }
        fields.carry("text_cfg", "custom_text", "multimodal_cfg")
        fields.carry("init_logit_scale", "init_logit_bias", "nonscalar_logit_scale")
        try fields.finish()
        vision = try VisionTransformer.Configuration(
            ConfigurationFields(tower, path: "vision_cfg"),
            embeddingSize: embeddingSize,
            activation: activation
        )
        do throws(ModelsError) {
            let side = try Self.textSide(of: &fields, embeddingSize: embeddingSize, activation: activation)
            textSide = .success(side)
        } catch {
            textSide = .failure(error)
        }
        json = String(decoding: data, as: UTF8.self)
    }

    /// The text tower, for whoever needs one.
    ///
    /// - Throws: `ModelsError` that names the field of `text_cfg` that we do not compute, or its absence.
    package func textTower() throws(ModelsError) -> TextTransformer.Configuration {
        guard let tower = try textSide.get().tower else { throw .missingField("text_cfg") }
        return tower
    }

    /// Both towers, for whoever needs both.
    ///
    /// - Throws: as `textTower()`.
    package func clip() throws(ModelsError) -> CLIP.Configuration {
        let (text, side) = (try textTower(), try textSide.get())
        return CLIP.Configuration(
            vision: vision,
            text: text,
            logitScale: Float(side.logitScale),
            logitBias: side.logitBias.map { Float($0) }
        )
    }

    private static func textSide(
        of fields: inout ConfigurationFields,
        embeddingSize: Int,
        activation: Activation
    ) throws(ModelsError) -> TextSide {
        // ln(1 / 0.07), CLIP's own.
        let scale = try fields.number("init_logit_scale") ?? 2.659260036932778
        let bias = try fields.number("init_logit_bias")
        try fields.require("nonscalar_logit_scale", oneOf: [.boolean(false)], supported: "false")
        try fields.require("multimodal_cfg", oneOf: [], supported: "models without a text decoder")
        let tower = try fields.object("text_cfg")
        return TextSide(
            tower: try tower.map { object throws(ModelsError) in
                try TextTransformer.Configuration(
                    ConfigurationFields(object, path: "text_cfg"),
                    embeddingSize: embeddingSize,
                    activation: activation
                )
            },
            logitScale: scale,
            logitBias: bias
        )
    }

    /// Images are normalised by CLIP's constants everywhere; a model trained with others would see other colours.
    private static func checkPreprocessing(_ object: [String: JSONValue]) throws(ModelsError) {
        var fields = ConfigurationFields(object, path: "preprocess_cfg")
        let constants = [
            "mean": [0.48145466, 0.4578275, 0.40821073],
            "std": [0.26862954, 0.26130258, 0.27577711],
        ]
        for (name, values) in constants.sorted(by: { $0.key < $1.key }) {
            try fields.require(
                name,
                oneOf: [.array(values.map(JSONValue.number))],
                supported: "CLIP's \(name), \(values)"
            )
        }
    }

    private static func reason(of error: any Error) -> String {
        guard let error = error as? DecodingError, case .dataCorrupted(let context) = error else {
            return "its top level is no object"
        }
        return context.underlyingError.map { "\($0)" } ?? context.debugDescription
    }
}
