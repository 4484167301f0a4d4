import OrderedCollections

/// What `weights inspect` prints: every tensor, the totals and the metadata, as a table or as JSON.
package struct CheckpointSummary: Sendable, Hashable, Codable {
    package struct Tensor: Sendable, Hashable, Codable {
        package let name: String
        package let dtype: CheckpointTensor.DType
        package let shape: [Int]
        /// SHA-256 of the bytes; nil unless asked for, since it means reading the data.
        package let sha256: Digest?
    }

    /// The layout's name; nil when none is recognised.
    package let layout: String?
    package let tensorCount: Int
    /// Elements of floating-point tensors.
    package let parameterCount: Int
    package let byteCount: Int
    /// Elements by type name.
    package let elementCounts: [String: Int]
    package let metadata: [String: String]
    package let tensors: [Tensor]
    /// The content digest of all tensors; nil unless asked for.
    package let contentSHA256: Digest?

    /// Lists a source; with digests it reads every tensor once or twice, one at a time.
    package init(of source: some TensorSource, layout: String?, withDigests: Bool = false) throws(CheckpointError) {
        var tensors: [Tensor] = []
        var elementCounts: [String: Int] = [:]
        var (parameterCount, byteCount) = (0, 0)
        for (name, signature) in source.signatures {
            let digest = withDigests ? Digest(of: try source.tensor(named: name)) : nil
            tensors.append(Tensor(name: name, dtype: signature.dtype, shape: signature.shape, sha256: digest))
            elementCounts[signature.dtype.rawValue, default: 0] += signature.elementCount
            parameterCount += signature.dtype.isFloatingPoint ? signature.elementCount : 0
            byteCount += signature.elementCount * signature.dtype.byteCount
        }
        self.layout = layout
        self.tensorCount = tensors.count
        self.parameterCount = parameterCount
        self.byteCount = byteCount
        self.elementCounts = elementCounts
        self.metadata = source.metadata
        self.tensors = tensors
        self.contentSHA256 = withDigests ? try source.contentDigest() : nil
    }

    enum CodingKeys: String, CodingKey {
        case layout, metadata, tensors
        case tensorCount = "tensor_count"
        case parameterCount = "parameter_count"
        case byteCount = "byte_count"
        case elementCounts = "element_counts"
        case contentSHA256 = "content_sha256"
    }
}

extension CheckpointSummary: CustomStringConvertible {
    /// Totals, metadata, then one line a tensor.
    package var description: String {
        let types = elementCounts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        var lines = [
            "layout      \(layout ?? "not recognised")",
            "tensors     \(tensorCount)",
            "parameters  \(parameterCount) (elements: \(types))",
            "bytes       \(byteCount)",
        ]
        if let contentSHA256 { lines.append("content     sha256 \(contentSHA256)") }
        lines += metadata.sorted { $0.key < $1.key }.map { "metadata    \($0.key) = \($0.value)" }
        let hasDigests = contentSHA256 != nil
        var table = TextTable(["tensor", "type", "shape"] + (hasDigests ? ["sha256"] : []))
        table.rows = tensors.map { tensor in
            let digest = tensor.sha256.map { [$0.description] } ?? []
            return [tensor.name, tensor.dtype.rawValue, "\(tensor.shape)"] + digest
        }
        return lines.joined(separator: "\n") + "\n\n" + table.description
    }
}
