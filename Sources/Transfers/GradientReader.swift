import Checkpoints
package import Stores

/// Fetches submitted gradients and checks every byte against the manifest before any of it is used.
package struct GradientReader: Sendable {
    package let gradients: GradientStore

    package init(_ gradients: GradientStore) { self.gradients = gradients }

    /// The flat sum that a manifest stands for, `[count]`; nil when what is stored does not match the manifest.
    package func read(_ manifest: GradientManifest, count: Int) async throws -> [Float]? {
        let layout = ChunkLayout(parameterCount: count)
        guard manifest.partCount == layout.chunkCount else { return nil }
        var flat = [Float](repeating: 0, count: count)
        var digests: [UInt8] = []
        for index in 0..<layout.chunkCount {
            guard let part = try await gradients.part(index, of: manifest), Digest(of: part.data).bytes == part.digest
            else { return nil }
            digests += part.digest
            let range = layout.range(ofChunk: index)
            let fits = flat.withUnsafeMutableBufferPointer { flat in
                FloatChunk.decode(part.data, into: UnsafeMutableBufferPointer(rebasing: flat[range]))
            }
            guard fits else { return nil }
        }
        return Digest(of: digests).bytes == manifest.digest ? flat : nil
    }
}
