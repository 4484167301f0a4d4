package import Checkpoints

/// The name of a target: equal keys mean equal bits, whoever computes it, in whatever run.
///
/// SHA-256 over the line `stillhouse target 1`, the scope (teacher, rule and numerics, see `TargetScope`), the SHA-256 of
/// the picture's file, and the rectangle's left, top, width and height as 64-bit integers, little endian, and the word `mirrored` if it is. The run, the
/// epoch and the sample's number are absent on purpose: none of them changes what the teacher sees.
package struct TargetKey: Hashable, Sendable {
    package let digest: Digest

    /// - Parameters:
    ///   - scope: `TargetScope.digest`.
    ///   - file: the digest of the picture's bytes as stored, not of its pixels: it is known before anything is decoded.
    package init(scope: Digest, file: Digest, crop: TargetCrop) {
        var bytes = Array("stillhouse target 1\n".utf8)
        bytes += scope.bytes
        bytes += file.bytes
        let rectangle = crop.rectangle
        for number in [rectangle.x, rectangle.y, rectangle.width, rectangle.height] {
            withUnsafeBytes(of: Int64(number).littleEndian) { bytes += $0 }
        }
        if crop.isMirrored { bytes += Array("mirrored".utf8) }
        digest = Digest(of: bytes)
    }

    /// A stored key.
    package init(digest: Digest) { self.digest = digest }
}
