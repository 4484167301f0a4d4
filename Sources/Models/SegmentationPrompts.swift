package import Checkpoints
import OrderedCollections
package import Tensors

/// Trained prompts as a file of their own: kilobytes that turn the encoder they belong to into a segmenter for any names.
///
/// No class name is part of it. In safetensors: `contexts` `[1 + k, N, W]`, the global prompt first, `log_scale` and
/// `log_gate_temperature`, with the rest as strings of the header.
package struct SegmentationPrompts: Sendable, Hashable {
    /// `[1 + k, N, W]`, row-major.
    package let contexts: [Float]
    /// k, the segmentation prompts beside the global one.
    package let count: Int
    /// N
    package let length: Int
    /// W, of the text tower.
    package let width: Int
    /// θ₁ = ln τ₁ and θ₂ = ln τ₂
    package let logScale: Float
    package let logGateTemperature: Float
    package let facts: Facts

    /// What a user must know to use prompts as they were trained.
    package struct Facts: Sendable, Hashable {
        /// Whether the global prompt was trained to gate classes.
        package var isGated: Bool
        /// γ
        package var gateSharpness: Double
        /// Name of the dense read-out.
        package var readout: String
        /// `EncoderDigest`, and the tokenizer's `CLIPTokenizer.digest`.
        package var encoder: Digest
        package var tokenizer: Digest
        /// Of the class list trained with.
        package var classList: String
        /// Other strings of the header, such as run and version.
        package var origin: [String: String]

        package init(
            isGated: Bool,
            gateSharpness: Double,
            readout: String,
            encoder: Digest,
            tokenizer: Digest,
            classList: String,
            origin: [String: String] = [:]
        ) {
            (self.isGated, self.gateSharpness, self.readout) = (isGated, gateSharpness, readout)
            (self.encoder, self.tokenizer, self.classList) = (encoder, tokenizer, classList)
            self.origin = origin
        }
    }

    /// What files call themselves, and their parts.
    private enum Key {
        static let format = "stillhouse_prompts"
        static let version = "1"
        static let gate = "gate"
        static let sharpness = "gate_sharpness"
        static let readout = "readout"
        static let encoder = "encoder_sha256"
        static let tokenizer = "tokenizer_sha256"
        static let classList = "class_list_sha256"
        static let known = [
            format, gate, sharpness, readout, encoder, tokenizer, classList, "format", DenseStudent.formatKey,
            DenseStudent.learnedClassKey,
        ]
        static let contexts = "contexts"
        static let logScale = "log_scale"
        static let logTemperature = "log_gate_temperature"
    }

    /// - Precondition: `[1 + k, N, W]` numbers, k, N and W positive.
    package init(
        contexts: [Float],
        count: Int,
        length: Int,
        width: Int,
        logScale: Float,
        logGateTemperature: Float,
        facts: Facts
    ) {
        precondition(count > 0 && length > 0 && width > 0, "prompts have at least one context")
        precondition(contexts.count == (1 + count) * length * width, "\(contexts.count) numbers of contexts")
        (self.contexts, self.count, self.length, self.width) = (contexts, count, length, width)
        (self.logScale, self.logGateTemperature, self.facts) = (logScale, logGateTemperature, facts)
    }

    /// - Parameter source: what the file is called in messages.
    /// - Throws: `ModelsError.malformedPrompts`
    package init(_ checkpoint: Checkpoint, source: String) throws(ModelsError) {
        func malformed(_ reason: String) -> ModelsError { .malformedPrompts(source: source, reason: reason) }
        let metadata = checkpoint.metadata
        guard metadata[Key.format] == Key.version else { throw malformed("it is no file of prompts of form 1") }
        func text(_ key: String) throws(ModelsError) -> String {
            guard let value = metadata[key] else { throw malformed("its header lacks \(key)") }
            return value
        }
        func digest(_ key: String) throws(ModelsError) -> Digest {
            let value = try text(key)
            guard let digest = Digest(hexadecimal: value) else { throw malformed("\(key) is no SHA-256") }
            return digest
        }
        func numbers(_ name: String, rank: Int) throws(ModelsError) -> (values: [Float], shape: [Int]) {
            guard let tensor = checkpoint.tensors[name], tensor.shape.count == rank, tensor.elementCount > 0 else {
                throw malformed("it has no tensor \(name) of rank \(rank)")
            }
            guard let values = try? tensor.floats(), values.allSatisfy(\.isFinite) else {
                throw malformed("\(name) has numbers that are none")
            }
            return (values, tensor.shape)
        }
        let (values, shape) = try numbers(Key.contexts, rank: 3)
        guard shape[0] >= 2 else { throw malformed("it has \(shape[0]) prompts; a global one and another are needed") }
        guard let sharpness = Double(try text(Key.sharpness)), sharpness > 0, sharpness.isFinite else {
            throw malformed("\(Key.sharpness) is no positive number")
        }
        let gate = try text(Key.gate)
        guard gate == "on" || gate == "off" else { throw malformed("\(Key.gate) is neither on nor off") }
        self.init(
            contexts: values,
            count: shape[0] - 1,
            length: shape[1],
            width: shape[2],
            logScale: try numbers(Key.logScale, rank: 0).values[0],
            logGateTemperature: try numbers(Key.logTemperature, rank: 0).values[0],
            facts: Facts(
                isGated: gate == "on",
                gateSharpness: sharpness,
                readout: try text(Key.readout),
                encoder: try digest(Key.encoder),
                tokenizer: try digest(Key.tokenizer),
                classList: try text(Key.classList),
                origin: metadata.filter { !Key.known.contains($0.key) }
            )
        )
    }

    /// The file's content.
    package var checkpoint: Checkpoint {
        var checkpoint = Checkpoint()
        checkpoint.tensors[Key.contexts] = CheckpointTensor(contexts, shape: [1 + count, length, width])
        checkpoint.tensors[Key.logScale] = CheckpointTensor([logScale], shape: [])
        checkpoint.tensors[Key.logTemperature] = CheckpointTensor([logGateTemperature], shape: [])
        checkpoint.metadata = facts.origin.merging([
            Key.format: Key.version,
            Key.gate: facts.isGated ? "on" : "off",
            Key.sharpness: String(facts.gateSharpness),
            Key.readout: facts.readout,
            Key.encoder: facts.encoder.description,
            Key.tokenizer: facts.tokenizer.description,
            Key.classList: facts.classList,
        ]) { $1 }
        return checkpoint
    }

    /// - Parameter found: `EncoderDigest` of the weights at hand.
    /// - Throws: `ModelsError.otherEncoder`, naming both.
    package func check(encoder found: Digest) throws(ModelsError) {
        guard found == facts.encoder, facts.tokenizer == CLIPTokenizer.digest else {
            throw .otherEncoder(prompts: facts.encoder.description, found: found.description)
        }
    }

    /// The vectors of every prompt for a list of names, by the text tower they belong to: `[1 + k, C, E]`, unit rows without
    /// history, the global prompt's first.
    ///
    /// - Throws: `ModelsError` for a name that is empty, there twice or too long.
    package func features(
        of names: [String],
        by tower: TextTransformer,
        on backend: any Backend
    ) throws(ModelsError) -> Tensor {
        guard tower.configuration.width == width else {
            throw .malformedPrompts(
                source: "contexts of width \(width)",
                reason: "the text tower has width \(tower.configuration.width)"
            )
        }
        let names = try PromptNames(names, contexts: length, contextLength: tower.configuration.contextLength)
        let contexts = Tensor(contexts, [1 + count, length, width], on: backend)
        return PromptLearner(tower).features(contexts: contexts, names: names).detached()
    }
}
