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
        var held: HeldVector?
        return try await refresh(&held, role, to: version, count: count, traffic: &traffic).flat
    }

    /// Takes a vector in memory to another version: only chunks that differ are looked for in the cache and the database.
    ///
    /// The same version again asks for nothing at all; another one costs one small statement and what has changed.
    /// - Parameter held: nil at first, and after an error: it is rewritten in place.
    /// - Throws: as `read`.
    @discardableResult
    package func refresh(
        _ held: inout HeldVector?,
        _ role: ChunkRole,
        to version: VersionID,
        count: Int,
        traffic: inout Traffic
    ) async throws -> HeldVector {
        if let held, held.version == version, held.role == role, held.flat.count == count { return held }
        let references = try await references(role, of: version, layout: ChunkLayout(parameterCount: count))
        let changed = references.filter { reference in
            guard let held, held.role == role, held.flat.count == count else { return true }
            return held.references[reference.ordinal].digest != reference.digest
        }
        // Let go before it is rewritten: a second owner would make that a copy.
        let assembly =
            held?.flat.count == count
            ? VectorAssembly(startingFrom: Self.take(&held)) : VectorAssembly(parameterCount: count)
        held = nil
        let flat = try await fill(assembly, with: changed, of: version, traffic: &traffic)
        let fresh = HeldVector(version: version, role: role, references: references, flat: flat)
        held = fresh
        return fresh
    }

    private static func take(_ held: inout HeldVector?) -> [Float] {
        let flat = held?.flat
        held = nil
        return flat ?? []
    }

    private func references(
        _ role: ChunkRole,
        of version: VersionID,
        layout: ChunkLayout
    ) async throws -> [ChunkReference] {
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
        return references
    }

    private func fill(
        _ assembly: VectorAssembly,
        with chunks: [ChunkReference],
        of version: VersionID,
        traffic: inout Traffic
    ) async throws -> [Float] {
        let named = try chunks.map { ($0, try digest(of: $0, in: version)) }
        let missing = named.filter { reference, digest in
            cache?.read(digest, { assembly.place($0, ordinal: reference.ordinal, digest: digest) == nil }) != true
        }
        let missingCount = missing.reduce(0) { $0 + assembly.byteCount(ofChunk: $1.0.ordinal) }
        traffic.cachedBytes += chunks.reduce(0) { $0 + assembly.byteCount(ofChunk: $1.ordinal) } - missingCount
        if !missing.isEmpty {
            try await weights.chunks(missing.map(\.0.digest)) { [cache] index, bytes in
                let (reference, digest) = missing[index]
                return assembly.take(bytes, ordinal: reference.ordinal, digest: digest) { bytes in
                    cache?.write(bytes, digest: digest)
                }
            }
        }
        switch await assembly.finish() {
        case .success(let flat):
            traffic.downloadedBytes += missingCount
            return flat
        case .failure(let flaw) where flaw.defect == .missing:
            throw TransferError.versionRetired(version)
        case .failure(let flaw):
            throw TransferError.chunkCorrupt(version: version, role: chunks[0].role, ordinal: flaw.ordinal)
        }
    }

    private func digest(of reference: ChunkReference, in version: VersionID) throws(TransferError) -> Digest {
        guard let digest = Digest(bytes: reference.digest) else {
            throw .chunkCorrupt(version: version, role: reference.role, ordinal: reference.ordinal)
        }
        return digest
    }
}
