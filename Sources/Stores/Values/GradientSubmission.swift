/// The manifest of a gradient whose parts are uploaded: the payload is a sum over `units`, `loss` likewise.
package struct GradientSubmission: Hashable, Sendable {
    package var partCount: Int
    /// SHA-256 of the parts' digests, one after the other.
    package var digest: [UInt8]
    /// Images consumed, without those in `badSamples`.
    package var samples: Int
    /// What the sum is to be divided by: boxes, pairs or images.
    package var units: Int
    package var loss: Double
    /// Sum and count of each named loss term.
    package var terms: [String: Term]
    /// Of gradient ÷ units; zero without units.
    package var norm: Double
    package var badSamples: [BadSample]

    package init(
        partCount: Int,
        digest: [UInt8],
        samples: Int,
        units: Int,
        loss: Double,
        terms: [String: Term] = [:],
        norm: Double,
        badSamples: [BadSample] = []
    ) {
        (self.partCount, self.digest, self.samples, self.units) = (partCount, digest, samples, units)
        (self.loss, self.terms, self.norm, self.badSamples) = (loss, terms, norm, badSamples)
    }

    package struct Term: Hashable, Sendable, Codable {
        package var sum: Double
        package var count: Int

        package init(sum: Double, count: Int) { (self.sum, self.count) = (sum, count) }
    }
}
