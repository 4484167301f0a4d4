package import OrderedCollections

/// Named tensors that can be listed for free and fetched one at a time: weights in memory, or files on disk.
///
/// Summaries and comparisons ask for no more, so they hold one tensor at a time however large the files are.
package protocol TensorSource: Sendable {
    var signatures: OrderedDictionary<String, TensorSignature> { get }
    var metadata: [String: String] { get }
    func tensor(named name: String) throws(CheckpointError) -> CheckpointTensor
}

extension Checkpoint: TensorSource {
    package var signatures: OrderedDictionary<String, TensorSignature> { tensors.mapValues(\.signature) }

    package func tensor(named name: String) throws(CheckpointError) -> CheckpointTensor {
        guard let tensor = tensors[name] else { throw .noSuchTensor(file: "the weights in memory", tensor: name) }
        return tensor
    }

    /// The tensor's elements as fp32, exactly; errors name the tensor.
    package func floats(named name: String) throws(CheckpointError) -> [Float] {
        let tensor = try tensor(named: name)
        do { return try tensor.floats() } catch { throw .inTensor(name, error) }
    }
}

extension SafetensorsFile: TensorSource {
    package var signatures: OrderedDictionary<String, TensorSignature> {
        header.entries.mapValues { TensorSignature(dtype: $0.dtype, shape: $0.shape) }
    }

    package var metadata: [String: String] { header.metadata }
}
