package import Stores

/// One role of a version in memory, with the names of its chunks: what a later version is compared with.
package struct HeldVector: Sendable {
    package let version: VersionID
    package let role: ChunkRole
    package let references: [ChunkReference]
    package let flat: [Float]
}
