extension RegionEvaluator {
    /// How regions are chosen and read; the defaults are those of the published numbers.
    package struct Configuration: Hashable, Sendable {
        /// Most annotations of one picture, in file order.
        package var regionsPerImage: Int
        /// A region is looked at if the area of its box lies in `minimumSide² ... maximumSide²` original pixels.
        package var minimumSide: Double
        package var maximumSide: Double
        /// Enlargement of the crop about the box's centre, per side.
        package var cropScale: Double
        /// Whether masks are antialiased as they shrink to the grid; see `MaskResampling`.
        package var maskAntialias: Bool
        /// Crops in one pass of the tower.
        package var cropBatch: Int

        package init(
            regionsPerImage: Int = 100,
            minimumSide: Double = 8,
            maximumSide: Double = 1024,
            cropScale: Double = 1.5,
            maskAntialias: Bool = true,
            cropBatch: Int = 20
        ) {
            self.regionsPerImage = regionsPerImage
            self.minimumSide = minimumSide
            self.maximumSide = maximumSide
            self.cropScale = cropScale
            self.maskAntialias = maskAntialias
            self.cropBatch = cropBatch
        }
    }
}
