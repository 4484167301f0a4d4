/// A picture whose pixels are numbers, not colours: what a label PNG stores, read without a detour over colours.
package struct IndexedImage: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// `height · width` values, row-major: places in the palette, or levels of grey as stored (no scaling of 1, 2 or 4 bits).
    package let indices: [UInt16]
    /// What a viewer shows for each index; empty for grey.
    package let palette: [Color]

    /// - Precondition: sides of at least 1 and one index a pixel.
    package init(width: Int, height: Int, indices: [UInt16], palette: [Color] = []) {
        precondition(width > 0 && height > 0 && indices.count == width * height, "one index a pixel")
        (self.width, self.height, self.indices, self.palette) = (width, height, indices, palette)
    }
}
