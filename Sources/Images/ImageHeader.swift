/// What a file says about itself before its pixels: cheap to read, and enough to index a dataset.
package struct ImageHeader: Sendable, Hashable {
    package let format: ImageFormat
    /// Pixels as stored, before any EXIF orientation.
    package let width: Int
    package let height: Int
    /// As stored: 1 grey or palette index, 2 grey with alpha, 3 colour, 4 colour with alpha or CMYK.
    package let componentCount: Int
    package let bitDepth: Int
    package let hasAlpha: Bool
    /// In a PNG the EXIF chunk may follow the pixels; then only decoding finds it.
    package let orientation: EXIFOrientation
}
