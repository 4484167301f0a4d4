package import Images
package import Tensors

/// Where in a picture the dense features look like the crop of one region: a cosine for each cell of the feature grid.
package struct SimilarityMap: Sendable {
    package let grid: Grid
    /// Row-major, `[rows · columns]`; cells of the padding are among them.
    package let cosines: [Float]
    /// The student's picture without its padding.
    package let picture: Image
    /// Side of the padded square that the grid covers, in pixels.
    private let side: Int

    init(grid: Grid, cosines: [Float], view: Image, contentWidth: Int, contentHeight: Int) {
        self.grid = grid
        self.cosines = cosines
        side = view.width
        picture = view.cropped(x: 0, y: 0, width: contentWidth, height: contentHeight)
    }

    /// Lowest and highest cosine within the picture: the two ends of the colour scale of `drawn()`.
    package var range: ClosedRange<Float> {
        let inside = cosines.indices.filter { index in
            index / grid.columns * side < picture.height * grid.rows
                && index % grid.columns * side < picture.width * grid.columns
        }.map { cosines[$0] }
        return (inside.min() ?? 0)...(inside.max() ?? 0)
    }

    /// The map laid over the picture in grey: dark where least alike, bright where most.
    package func drawn() -> Image {
        let range = range
        let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
        let colors = cosines.map { Color.heat(($0 - range.lowerBound) / span) }
        let heat = Image(
            width: grid.columns,
            height: grid.rows,
            pixels: colors.flatMap { [$0.red, $0.green, $0.blue] }
        )
        .resized(width: side, height: side)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * picture.width * picture.height)
        for y in 0..<picture.height {
            for x in 0..<picture.width {
                let grey = UInt8(picture[x, y].luminance * 255)
                let color = heat[x, y].mixed(with: Color(red: grey, green: grey, blue: grey), share: 0.4)
                pixels += [color.red, color.green, color.blue]
            }
        }
        return Image(width: picture.width, height: picture.height, pixels: pixels)
    }
}
