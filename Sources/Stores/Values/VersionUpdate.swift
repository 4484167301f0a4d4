/// What made a version out of its parent, and the digests that name the result.
package struct VersionUpdate: Hashable, Sendable {
    package var samples: Int
    package var units: Int
    package var learningRate: Double
    /// SHA-256 over the gradients it consists of, in order.
    package var membersDigest: [UInt8]
    /// SHA-256 over its chunk digests.
    package var contentDigest: [UInt8]
    /// SHA-256 of the parent's chain digest (nothing for version 0), `contentDigest` and `membersDigest`.
    ///
    /// Equal chains prove equal history, also between two runs.
    package var chainDigest: [UInt8]

    package init(
        samples: Int = 0,
        units: Int = 0,
        learningRate: Double = 0,
        membersDigest: [UInt8],
        contentDigest: [UInt8],
        chainDigest: [UInt8]
    ) {
        (self.samples, self.units, self.learningRate) = (samples, units, learningRate)
        (self.membersDigest, self.contentDigest) = (membersDigest, contentDigest)
        self.chainDigest = chainDigest
    }
}
