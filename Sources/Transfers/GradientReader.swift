import Checkpoints
package import Stores

/// Fetches submitted gradients and checks every byte against the manifest before any of it is used.
package struct GradientReader: Sendable {
    package let gradients: GradientStore

    package init(_ gradients: GradientStore) { self.gradients = gradients }

    /// What is wrong with a stored gradient.
    package enum Defect: Error, Equatable {
        /// A part is not there; nobody's fault but the store's.
        case missing(part: Int)
        case digest(part: Int)
        case length(part: Int, bytes: Int)
        case partCount(Int, expected: Int)
        case manifest
    }

    /// The flat sum that a manifest stands for, `[count]`; nil when what is stored does not match the manifest.
    package func read(_ manifest: GradientManifest, count: Int) async throws -> [Float]? {
        switch try await load(manifest, count: count) {
        case .success(let flat): flat
        case .failure: nil
        }
    }

    /// The flat sum that a manifest stands for, `[count]`, or how what is stored differs from the manifest.
    package func load(_ manifest: GradientManifest, count: Int) async throws -> Result<[Float], Defect> {
        let layout = ChunkLayout(parameterCount: count)
        guard manifest.partCount == layout.chunkCount else {
            return .failure(.partCount(manifest.partCount, expected: layout.chunkCount))
        }
        var flat = [Float](repeating: 0, count: count)
        var digests: [UInt8] = []
        for index in 0..<layout.chunkCount {
            guard let part = try await gradients.part(index, of: manifest) else {
                return .failure(.missing(part: index))
            }
            guard Digest(of: part.data).bytes == part.digest else { return .failure(.digest(part: index)) }
            digests += part.digest
            let range = layout.range(ofChunk: index)
            let fits = flat.withUnsafeMutableBufferPointer { flat in
                FloatChunk.decode(part.data, into: UnsafeMutableBufferPointer(rebasing: flat[range]))
            }
            guard fits else { return .failure(.length(part: index, bytes: part.data.count)) }
        }
        return Digest(of: digests).bytes == manifest.digest ? .success(flat) : .failure(.manifest)
    }
}
