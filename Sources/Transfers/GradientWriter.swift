import Checkpoints
package import Stores

/// Pushes gradients from where they lie: hashed on all cores while they travel, and submitted behind their last part.
package struct GradientWriter: Sendable {
    private let gradients: GradientStore

    package init(_ gradients: GradientStore) { self.gradients = gradients }

    /// What is said about a gradient; its parts and digest are the writer's business.
    package typealias Manifest = GradientSubmission

    /// Stores every part of a flat sum and enters it into the ledger, in one round trip.
    ///
    /// - Parameter manifest: `partCount` and `digest` are filled in here.
    /// - Throws: as `GradientStore.submit`; after `StoreError.partsMissing` call again.
    package func deliver(
        _ flat: [Float],
        for token: FencingToken,
        as manifest: Manifest
    ) async throws -> GradientStore.SubmitAnswer {
        let layout = ChunkLayout(parameterCount: flat.count)
        if layout.chunkCount == 1 && manifest.badSamples.isEmpty {
            return try await offer(flat, for: token, as: manifest)
        }
        let digests = ChunkDigests(of: flat)
        return try await gradients.deliver(
            token,
            partCount: layout.chunkCount,
            part: { index in (digests.digest(ofChunk: index).bytes, flat[layout.range(ofChunk: index)]) },
            submission: {
                var manifest = manifest
                manifest.partCount = layout.chunkCount
                manifest.digest = Digest(of: digests.all.flatMap(\.bytes)).bytes
                return manifest
            }
        )
    }

    /// One part goes with its manifest in one statement.
    private func offer(
        _ flat: [Float],
        for token: FencingToken,
        as manifest: Manifest
    ) async throws -> GradientStore.SubmitAnswer {
        let encoded = EncodedGradient(flat)
        var manifest = manifest
        manifest.partCount = 1
        manifest.digest = encoded.digest.bytes
        let offer = GradientOffer(token: token, part: encoded.parts[0], submission: manifest)
        return try await gradients.offer([offer], for: token.session).first ?? .fenced
    }
}
