import Foundation
import Tensors

/// A model as open_clip describes it: the tower that we compute, and the text of the file for all the rest.
///
/// Reads open_clip's `model_configs/*.json` and the hub's `open_clip_config.json` unchanged. Fields that cannot change
/// the image tower are carried; a field that would change it and that we do not compute is an error with its name.
package struct ModelConfiguration: Hashable, Sendable {
    package let vision: VisionTransformer.Configuration
    /// The file as it was read; stored with a run and shipped beside exported weights.
    package let json: String

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
        vision = try Self.vision(of: &fields)
        json = String(decoding: data, as: UTF8.self)
    }

    private static func vision(of fields: inout ConfigurationFields) throws(ModelsError)
        -> VisionTransformer.Configuration
    {
        let embeddingSize = try fields.positiveInteger("embed_dim", default: nil)
        let activation: Activation = try fields.boolean("quick_gelu") ? .quickGELU : .gelu
        guard let tower = try fields.object("vision_cfg") else { throw .missingField("vision_cfg") }
        fields.carry("text_cfg", "custom_text", "multimodal_cfg")
        fields.carry("init_logit_scale", "init_logit_bias", "nonscalar_logit_scale")
        try fields.finish()
        return try VisionTransformer.Configuration(
            ConfigurationFields(tower, path: "vision_cfg"),
            embeddingSize: embeddingSize,
            activation: activation
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
