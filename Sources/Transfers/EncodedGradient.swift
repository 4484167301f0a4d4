package import Checkpoints
package import Stores

/// A gradient as it travels: parts of 2¹⁸ parameters, each with its digest, and one digest over all of those.
package struct EncodedGradient: Sendable {
    package let parts: [GradientPart]

    package init(parts: [GradientPart]) { self.parts = parts }

    /// Encodes a flat sum in fp32, which is exact. Holds a copy; `GradientWriter` sends a sum from where it lies.
    package init(_ flat: [Float]) {
        let layout = ChunkLayout(parameterCount: flat.count)
        let digests = ChunkDigests(of: flat)
        parts = (0..<layout.chunkCount).map { index in
            let bytes = FloatChunk.bytes(of: flat, in: layout.range(ofChunk: index))
            return GradientPart(index: index, digest: digests.digest(ofChunk: index).bytes, data: bytes)
        }
    }

    /// SHA-256 of the parts' digests, one after the other; what the manifest names.
    package var digest: Digest { Digest(of: parts.flatMap(\.digest)) }
}
