/// All artifacts of a step whose first phase is closed.
package struct StepEmbeddings: Hashable, Sendable {
    /// SHA-256 over each artifact's ordinal, in four bytes, the highest first, and its digest.
    package let digest: [UInt8]
    /// In the order of their ordinals; a cancelled job has left none.
    package let artifacts: [ArtifactManifest]
}
