/// Says which bytes stand at one place of a version.
package struct ChunkReference: Hashable, Sendable {
    package let role: ChunkRole
    package let ordinal: Int
    /// SHA-256 of the bytes, under which they are stored.
    package let digest: [UInt8]

    package init(role: ChunkRole, ordinal: Int, digest: [UInt8]) {
        (self.role, self.ordinal, self.digest) = (role, ordinal, digest)
    }
}
