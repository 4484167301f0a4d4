import Checkpoints
package import Stores

/// Fetches a version's flat vectors, chunk by chunk, each verified against its name before it is used.
package struct WeightReader: Sendable {
    private let weights: WeightStore
    private let cache: WeightCache?

    /// How many bytes came from where.
    package struct Traffic: Sendable, Equatable {
        package var downloadedBytes = 0
        package var cachedBytes = 0
        package init() {}

        package static func += (total: inout Traffic, more: Traffic) {
            total.downloadedBytes += more.downloadedBytes
            total.cachedBytes += more.cachedBytes
        }
    }

    package init(_ weights: WeightStore, cache: WeightCache? = nil) {
        self.weights = weights
        self.cache = cache
    }

    /// The `count` parameters of one role.
    ///
    /// - Throws: `TransferError.versionRetired` when the chunks went away while they were read; take a newer version.
    package func read(
        _ role: ChunkRole,
        of version: VersionID,
        count: Int,
        traffic: inout Traffic
    ) async throws -> [Float] {
        let layout = ChunkLayout(parameterCount: count)
        let references = try await weights.chunks(of: version, roles: [role])
        guard references.count == layout.chunkCount else {
            if references.isEmpty { throw TransferError.versionRetired(version) }
            throw TransferError.wrongChunkCount(
                version: version,
                role: role,
                expected: layout.chunkCount,
                found: references.count
            )
        }
        for (place, reference) in references.enumerated() where reference.ordinal != place {
            throw TransferError.chunkCorrupt(version: version, role: role, ordinal: reference.ordinal)
        }
        var flat = [Float](repeating: 0, count: count)
        var missing: [ChunkReference] = []
        for reference in references {
            if let bytes = try cache?.read(digest(of: reference, in: version)) {
                traffic.cachedBytes += bytes.count
                try place(bytes, reference, of: version, into: &flat, layout)
            } else {
                missing.append(reference)
            }
        }
        for start in stride(from: 0, to: missing.count, by: Self.window) {
            let page = missing[start..<min(start + Self.window, missing.count)]
            for (reference, bytes) in zip(page, try await weights.chunks(page.map(\.digest))) {
                guard let bytes else { throw TransferError.versionRetired(version) }
                let name = try digest(of: reference, in: version)
                guard Digest(of: bytes) == name else {
                    throw TransferError.chunkCorrupt(version: version, role: role, ordinal: reference.ordinal)
                }
                traffic.downloadedBytes += bytes.count
                cache?.write(bytes, digest: name)
                try place(bytes, reference, of: version, into: &flat, layout)
            }
        }
        return flat
    }

    /// Chunks asked for at once: enough to keep the connection busy, few enough to bound memory.
    private static let window = 8

    private func digest(of reference: ChunkReference, in version: VersionID) throws(TransferError) -> Digest {
        guard let digest = Digest(bytes: reference.digest) else {
            throw .chunkCorrupt(version: version, role: reference.role, ordinal: reference.ordinal)
        }
        return digest
    }

    private func place(
        _ bytes: [UInt8],
        _ reference: ChunkReference,
        of version: VersionID,
        into flat: inout [Float],
        _ layout: ChunkLayout
    ) throws(TransferError) {
        let range = layout.range(ofChunk: reference.ordinal)
        let fits = flat.withUnsafeMutableBufferPointer { flat in
            FloatChunk.decode(bytes, into: UnsafeMutableBufferPointer(rebasing: flat[range]))
        }
        guard fits else {
            throw .chunkCorrupt(version: version, role: reference.role, ordinal: reference.ordinal)
        }
    }
}
