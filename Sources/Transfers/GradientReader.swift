import Checkpoints
package import Stores
import Synchronization

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
        let assembly = VectorAssembly(parameterCount: count)
        let digests = Mutex([[UInt8]?](repeating: nil, count: layout.chunkCount))
        try await gradients.parts(of: manifest) { index, digest, data in
            digests.withLock { $0[index] = digest }
            return assembly.take(data, ordinal: index, digest: Digest(bytes: digest) ?? Self.none)
        }
        let stored = digests.withLock(\.self)
        switch await assembly.finish() {
        case .failure(let flaw): return .failure(Defect(flaw))
        case .success(let flat):
            if let index = stored.firstIndex(of: nil) { return .failure(.missing(part: index)) }
            let digest = Digest(of: stored.flatMap { $0 ?? [] })
            return digest.bytes == manifest.digest ? .success(flat) : .failure(.manifest)
        }
    }

    /// Stands for what is no digest: only bytes that fill no place have it.
    private static let none = Digest(of: [])
}

extension GradientReader.Defect {
    fileprivate init(_ flaw: VectorAssembly.Flaw) {
        self =
            switch flaw.defect {
            case .missing: .missing(part: flaw.ordinal)
            case .digest: .digest(part: flaw.ordinal)
            case .length(let count): .length(part: flaw.ordinal, bytes: count)
            }
    }
}
