import Checkpoints
package import Stores

/// Stores flat vectors as chunks named by their digests; what is there already is not sent again.
package struct WeightWriter: Sendable {
    private let weights: WeightStore

    package init(_ weights: WeightStore) { self.weights = weights }

    /// Stores every chunk of a vector that the database lacks.
    ///
    /// - Returns: the references under which a version lists them. Enter that version soon: chunks that no version
    ///   names are deleted after a while.
    package func write(_ flat: [Float], as role: ChunkRole) async throws -> [ChunkReference] {
        let layout = ChunkLayout(parameterCount: flat.count)
        let references = (0..<layout.chunkCount).map { ordinal in
            let bytes = FloatChunk.bytes(of: flat, in: layout.range(ofChunk: ordinal))
            return ChunkReference(role: role, ordinal: ordinal, digest: Digest(of: bytes).bytes)
        }
        let missing = try await weights.touch(references.map(\.digest))
        for reference in references where missing.contains(reference.digest) {
            let bytes = FloatChunk.bytes(of: flat, in: layout.range(ofChunk: reference.ordinal))
            try await weights.put(digest: reference.digest, data: bytes)
        }
        return references
    }
}
