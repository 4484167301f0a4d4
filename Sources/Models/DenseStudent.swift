package import Checkpoints
import Layers
package import OrderedCollections
package import Tensors

/// A trained dense student as a file of its own: a decoder on an encoder's patches, and the prompts that name classes.
///
/// In safetensors a file of prompts with more in it: the decoder's parameters, and the image tower's tensors that went on
/// training, under their paths. Prompts belong to the encoder that training began with, and so does the student.
/// - SeeAlso: Guo et al. 2023 (MVP-SEG+), arXiv:2304.06957.
package struct DenseStudent: Sendable, Hashable {
    package let prompts: SegmentationPrompts
    /// The decoder's parameters, each under its path.
    package let decoder: OrderedDictionary<String, CheckpointTensor>
    /// Tensors in place of the encoder's own; none where the tower stayed as it was.
    package let tower: OrderedDictionary<String, CheckpointTensor>
    /// Of the decoder.
    package let configuration: DenseDecoder.Configuration
    /// The class whose vector the decoder has in place of words; nil where all are named.
    package let learnedClass: String?

    static let formatKey = "stillhouse_student"
    static let learnedClassKey = "learned_class"
    private static let version = "1"
    private static let towerPrefix = "visual."

    /// - Parameters:
    ///   - decoder: as `DenseDecoder.parameters(of:)` lists them.
    ///   - tower: keys of the image tower.
    ///   - learnedClass: whose vector is the decoder's.
    package init(
        prompts: SegmentationPrompts,
        decoder: OrderedDictionary<String, CheckpointTensor>,
        tower: OrderedDictionary<String, CheckpointTensor>,
        configuration: DenseDecoder.Configuration,
        learnedClass: String? = nil
    ) {
        (self.prompts, self.configuration, self.learnedClass) = (prompts, configuration, learnedClass)
        (self.decoder, self.tower) = (Self.sorted(decoder), Self.sorted(tower))
    }

    /// By path: files keep no order of their own.
    private static func sorted(
        _ tensors: OrderedDictionary<String, CheckpointTensor>
    ) -> OrderedDictionary<String, CheckpointTensor> {
        OrderedDictionary(uniqueKeysWithValues: tensors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// Whether a file says that it holds a student, not prompts alone.
    package static func isStudent(_ checkpoint: Checkpoint) -> Bool { checkpoint.metadata[formatKey] != nil }

    /// - Parameter source: what the file is called in messages.
    /// - Throws: `ModelsError.malformedPrompts`
    package init(_ checkpoint: Checkpoint, source: String) throws(ModelsError) {
        func malformed(_ reason: String) -> ModelsError { .malformedPrompts(source: source, reason: reason) }
        guard checkpoint.metadata[Self.formatKey] == Self.version else {
            throw malformed("it is no file of a dense student of form 1")
        }
        prompts = try SegmentationPrompts(checkpoint, source: source)
        let isDecoders = { (path: String) in path.hasPrefix(DenseDecoder.scope + ".") }
        decoder = Self.sorted(checkpoint.tensors.filter { isDecoders($0.key) })
        tower = Self.sorted(checkpoint.tensors.filter { $0.key.hasPrefix(Self.towerPrefix) })
        for (path, tensor) in checkpoint.tensors {
            guard let values = try? tensor.floats(), values.allSatisfy(\.isFinite) else {
                throw malformed("\(path) has numbers that are none")
            }
        }
        guard let reduction = decoder["\(DenseDecoder.scope).reduction.weight"], reduction.shape.count == 2,
            let expansion = decoder["\(DenseDecoder.scope).expansion.weight"], expansion.shape.count == 2,
            reduction.elementCount > 0, expansion.elementCount > 0
        else { throw malformed("it lacks the first or the last layer of its decoder") }
        learnedClass = checkpoint.metadata[Self.learnedClassKey]
        configuration = DenseDecoder.Configuration(
            inputs: reduction.shape[1],
            hidden: reduction.shape[0],
            embeddingSize: expansion.shape[0],
            learnsVector: learnedClass != nil
        )
        let wanted = (try? DenseDecoder.parameters(of: configuration)) ?? []
        guard wanted.count == decoder.count,
            wanted.allSatisfy({ decoder[$0.path]?.shape == $0.shape.dimensions })
        else { throw malformed("the layers of its decoder do not fit each other") }
    }

    /// The file's content.
    package var checkpoint: Checkpoint {
        var checkpoint = prompts.checkpoint
        checkpoint.metadata[Self.formatKey] = Self.version
        checkpoint.metadata[Self.learnedClassKey] = learnedClass
        for (path, tensor) in decoder { checkpoint.tensors[path] = tensor }
        for (path, tensor) in tower { checkpoint.tensors[path] = tensor }
        return checkpoint
    }

    /// - Throws: `ModelsError.malformedPrompts` for a decoder of another tower than that.
    package func decoder(
        for tower: VisionTransformer.Configuration,
        on backend: any Backend
    ) throws -> DenseDecoder {
        guard configuration.inputs == tower.width, configuration.embeddingSize == tower.embeddingSize else {
            throw ModelsError.malformedPrompts(
                source: "a decoder from \(configuration.inputs) to \(configuration.embeddingSize) numbers",
                reason: "the image tower has \(tower.width) and \(tower.embeddingSize)"
            )
        }
        var tree = ParameterTree()
        for parameter in try DenseDecoder.parameters(of: configuration) {
            guard let tensor = decoder[parameter.path] else { continue }
            tree[parameter.path] = Tensor(try tensor.floats(), parameter.shape, on: backend)
        }
        return try DenseDecoder(ParameterScope(TreeSource(tree)), configuration)
    }
}
