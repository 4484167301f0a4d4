/// Parameters `[index · 2^18, (index + 1) · 2^18)` of a gradient, encoded.
package struct GradientPart: Hashable, Sendable {
    package let index: Int
    /// SHA-256 of `data`.
    package let digest: [UInt8]
    package let data: [UInt8]

    package init(index: Int, digest: [UInt8], data: [UInt8]) {
        (self.index, self.digest, self.data) = (index, digest, data)
    }
}
