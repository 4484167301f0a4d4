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
    package func write(
        _ flat: [Float],
        as role: ChunkRole,
        in storage: ChunkStorage = .logged
    ) async throws -> [ChunkReference] {
        let layout = ChunkLayout(parameterCount: flat.count)
        let references = Self.references(to: flat, as: role)
        var missing = try await weights.touch(references.map(\.digest), in: storage)
        if storage == .logged, !missing.isEmpty {
            // What a version before has stored as unlogged need not travel again.
            try await weights.preserve(Array(missing))
            missing = try await weights.touch(Array(missing), in: .logged)
        }
        for reference in references where missing.contains(reference.digest) {
            let bytes = FloatChunk.bytes(of: flat, in: layout.range(ofChunk: reference.ordinal))
            try await weights.put(digest: reference.digest, data: bytes, in: storage)
        }
        return references
    }

    /// What a vector's chunks are called, whether they are stored or not.
    package static func references(to flat: [Float], as role: ChunkRole) -> [ChunkReference] {
        let layout = ChunkLayout(parameterCount: flat.count)
        return (0..<layout.chunkCount).map { ordinal in
            let bytes = FloatChunk.bytes(of: flat, in: layout.range(ofChunk: ordinal))
            return ChunkReference(role: role, ordinal: ordinal, digest: Digest(of: bytes).bytes)
        }
    }
}
