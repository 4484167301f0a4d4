package import Images
import Objectives

/// How a whole picture becomes the square one that an image tower was made for.
package enum ImagePreparation: String, CaseIterable, Codable, Sendable {
    /// CLIP's own: the shortest side fits, and what is too long falls off at both ends. Published numbers use it.
    case crop
    /// As CLIPSelf shows regions to its teacher: the longest side fits, and black fills up the rest.
    case pad

    /// - Returns: `side` × `side` pixels.
    package func image(of stored: Image, side: Int) -> Image {
        switch self {
        case .crop: return stored.centerCropped(toSide: side)
        case .pad:
            let whole = CropRectangle(
                x0: 0,
                y0: 0,
                x1: Double(stored.width),
                y1: Double(stored.height),
                imageWidth: stored.width,
                imageHeight: stored.height
            )
            return TeacherCrop.image(of: stored, whole, size: side)
        }
    }
}
