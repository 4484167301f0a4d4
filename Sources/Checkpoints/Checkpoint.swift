package import OrderedCollections

/// A whole set of weights in memory: named tensors in a fixed order, plus the file's string metadata.
///
/// Keys are dotted paths. In the native layout they are open_clip's; other layouts pass through a `KeyMap`.
package struct Checkpoint: Sendable, Hashable {
    package var tensors: OrderedDictionary<String, CheckpointTensor>
    /// Free strings of the safetensors header; `format` is added on writing.
    package var metadata: [String: String]

    package init(tensors: OrderedDictionary<String, CheckpointTensor> = [:], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// Elements of all floating-point tensors; integer tensors are bookkeeping, not parameters.
    package var parameterCount: Int {
        tensors.values.reduce(0) { $0 + ($1.dtype.isFloatingPoint ? $1.elementCount : 0) }
    }

    package var byteCount: Int { tensors.values.reduce(0) { $0 + $1.bytes.count } }
}
