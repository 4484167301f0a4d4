package import Images

/// The whole picture as the student reads it: longest side S, black below or to the right.
///
/// The padding takes part in attention, as in the reference, and no box touches it.
/// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 4.1.
package struct StudentView: Sendable {
    /// S × S pixels, before normalisation.
    package let image: Image
    package let geometry: StudentGeometry

    /// - Parameter size: S.
    package init(of stored: Image, size: Int) {
        geometry = StudentGeometry(width: stored.width, height: stored.height, size: size)
        image = stored.resized(by: geometry.scale).padded(toWidth: size, height: size, .topLeft)
    }
}
