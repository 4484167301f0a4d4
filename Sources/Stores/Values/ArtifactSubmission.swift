/// What an embed job hands in.
package struct ArtifactSubmission: Hashable, Sendable {
    /// Of a part, in bytes.
    package static let partLimit = 1 << 20

    /// Embedded, without those in `badSamples`.
    package var samples: Int
    /// SHA-256 of the parts' digests, one after the other.
    package var digest: [UInt8]
    /// At least one, each of at most `partLimit` bytes.
    package var parts: [[UInt8]]
    package var badSamples: [BadSample]

    package init(samples: Int, digest: [UInt8], parts: [[UInt8]], badSamples: [BadSample] = []) {
        (self.samples, self.digest, self.parts, self.badSamples) = (samples, digest, parts, badSamples)
    }
}
