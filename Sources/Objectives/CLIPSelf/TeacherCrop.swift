package import Images

/// What the teacher is shown of one region: the crop at CLIP's native size, its aspect kept, centred on black.
///
/// This is not CLIP's own shortest-side resize with a centre crop, which would cut long regions.
/// - SeeAlso: Wu et al. 2024 (CLIPSelf), arXiv:2310.01403, section 4.1.
package enum TeacherCrop {
    /// - Parameter size: c, the side of the result.
    package static func image(of stored: Image, _ rectangle: CropRectangle, size: Int) -> Image {
        let crop = stored.cropped(
            x: rectangle.x,
            y: rectangle.y,
            width: rectangle.width,
            height: rectangle.height
        )
        let scale = Double(size) / Double(max(crop.width, crop.height))
        return crop.resized(by: scale).padded(toWidth: size, height: size, .centered)
    }
}
