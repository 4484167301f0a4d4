package import Checkpoints
package import Datasets
import Images
package import Models

/// All that decides a segmentation beside the pixels, by name and digest; it stands beside every figure and every picture.
package struct SegmentationRecord: Codable, Hashable, Sendable {
    package var encoderSHA256: Digest
    /// Whether prompts were used that belong to another encoder or read-out, because somebody insisted.
    package var encoderMismatch: Bool
    package var readout: String
    package var readoutSHA256: Digest
    package var classes: Int
    package var classListSHA256: String
    /// Where the text side comes from, such as `templates maskclip-85`.
    package var texts: String
    package var textsSHA256: Digest
    package var size: String
    package var window: Int?
    package var stride: Int?
    package var normalization: String
    /// `none`, `names: …` or `threshold 0.3`.
    package var background: String
    package var scale: Double
    package var gate: Bool
    package var denoisesPrompts: Bool
    package var keySmoothing: KeySmoothing?

    package init(
        _ configuration: SemanticSegmenter.Configuration,
        scorer: ClassScorer,
        encoder: Digest,
        tower: VisionTransformer.Configuration,
        classes: ClassList,
        background: [String],
        texts: String,
        textsSHA256: Digest,
        encoderMismatch: Bool = false
    ) throws {
        let normalization = Self.name(of: configuration.normalization)
        encoderSHA256 = encoder
        self.encoderMismatch = encoderMismatch
        readout = configuration.readout.description
        readoutSHA256 = try configuration.readout.digest(encoder: encoder, of: tower, normalization: normalization)
        self.classes = classes.count
        classListSHA256 = classes.digestText
        self.texts = texts
        self.textsSHA256 = textsSHA256
        size = configuration.size.description
        window = configuration.window?.side
        stride = configuration.window?.stride
        self.normalization = normalization
        self.background =
            switch configuration.background {
            case .none: "none"
            case .lastClass: "names: \(background.joined(separator: ", "))"
            case .threshold(let least): "threshold \(least)"
            }
        scale = scorer.scale
        gate = scorer.gate != nil
        denoisesPrompts = configuration.denoisesPrompts
        keySmoothing = configuration.keySmoothing
    }

    private static func name(of normalization: Normalization) -> String {
        switch normalization {
        case .clip: "clip"
        case .imageNet: "imagenet"
        default: "mean \(normalization.mean), deviation \(normalization.standardDeviation)"
        }
    }

    package enum CodingKeys: String, CodingKey {
        case readout, classes, texts, size, window, stride, normalization, background, scale, gate
        case encoderSHA256 = "encoder_sha256"
        case encoderMismatch = "encoder_mismatch"
        case readoutSHA256 = "readout_sha256"
        case classListSHA256 = "class_list_sha256"
        case textsSHA256 = "texts_sha256"
        case denoisesPrompts = "denoises_prompts"
        case keySmoothing = "key_smoothing"
    }
}
