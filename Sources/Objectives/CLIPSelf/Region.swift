/// One region of a sample: where the student is pooled, and what the teacher is shown.
package struct Region: Hashable, Sendable {
    /// How the region came about, for reports and pictures.
    package enum Provenance: Hashable, Sendable {
        /// Cell of a grid, row-major.
        case cell(RegionGrid, index: Int)
        case proposal(annotation: Int64)
        /// No annotation was fit; the top left quarter stands in.
        case fallback
    }

    /// In pixels of the stored image; never clipped.
    package var studentBox: RegionBox
    /// Whole pixels inside the stored image, at least one wide and high.
    package var crop: CropRectangle
    package var provenance: Provenance

    package init(studentBox: RegionBox, crop: CropRectangle, provenance: Provenance) {
        self.studentBox = studentBox
        self.crop = crop
        self.provenance = provenance
    }
}
