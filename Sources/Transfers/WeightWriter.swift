import Checkpoints
package import Stores

/// Stores flat vectors as chunks named by their digests; what is there already is not sent again.
package struct WeightWriter: Sendable {
    private let weights: WeightStore

    package init(_ weights: WeightStore) { self.weights = weights }

    /// Stores every chunk of a vector that the database lacks.
    ///
    /// - Parameter known: its references, where they are known, so that no byte is hashed again.
    /// - Returns: the references under which a version lists them. Enter that version soon: chunks that no version
    ///   names are deleted after a while.
    package func write(
        _ flat: [Float],
        as role: ChunkRole,
        in storage: ChunkStorage = .logged,
        known: [ChunkReference]? = nil
    ) async throws -> [ChunkReference] {
        let layout = ChunkLayout(parameterCount: flat.count)
        let references = known ?? Self.references(to: flat, as: role)
        precondition(references.count == layout.chunkCount, "references of another vector")
        var missing = try await weights.touch(references.map(\.digest), in: storage)
        if storage == .logged, !missing.isEmpty {
            // What a version before has stored as unlogged need not travel again.
            try await weights.preserve(Array(missing))
            missing = try await weights.touch(Array(missing), in: .logged)
        }
        let unsent = references.filter { missing.contains($0.digest) }
        try await weights.put(
            unsent.map { ($0.digest, flat[layout.range(ofChunk: $0.ordinal)]) },
            in: storage
        )
        return references
    }

    /// What a vector's chunks are called, whether they are stored or not.
    package static func references(to flat: [Float], as role: ChunkRole) -> [ChunkReference] {
        ChunkDigests(of: flat).all.enumerated().map { ordinal, digest in
            ChunkReference(role: role, ordinal: ordinal, digest: digest.bytes)
        }
    }
}
