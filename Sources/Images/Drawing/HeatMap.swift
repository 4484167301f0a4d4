import Foundation

/// A number for each cell of a grid, such as a cosine, laid over the picture that the grid covers.
package struct HeatMap: Sendable {
    package let columns: Int
    package let rows: Int
    /// `rows · columns` numbers, row-major.
    package let values: [Float]
    /// The two ends of the colours.
    package let range: ClosedRange<Float>
    /// Of the colours over the picture, which is shown in grey.
    package var opacity: Float = 0.65
    /// Pictures whose longer side is shorter are enlarged by a whole factor.
    package var displaySide = 400

    /// - Parameter range: nil for that of the finite values.
    /// - Precondition: one value a cell.
    package init(columns: Int, rows: Int, values: [Float], range: ClosedRange<Float>? = nil) {
        precondition(columns > 0 && rows > 0 && values.count == columns * rows, "one value a cell")
        (self.columns, self.rows, self.values) = (columns, rows, values)
        let finite = values.filter(\.isFinite)
        self.range = range ?? (finite.min() ?? 0)...(finite.max() ?? 0)
    }

    /// The colours over the picture at its own size, straight between the middles of the cells.
    package func painted(over image: Image) -> Image {
        let across = Self.places(image.width, columns)
        let down = Self.places(image.height, rows)
        let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
        var picture = image
        for y in 0..<image.height {
            for x in 0..<image.width {
                let share = (value(across[x], down[y]) - range.lowerBound) / span
                let grey = UInt8((image[x, y].luminance * 255).rounded())
                let ground = Color(red: grey, green: grey, blue: grey)
                picture[x, y] = ground.mixed(with: .heat(share), share: opacity)
            }
        }
        return picture
    }

    /// The painted picture below a title and beside the scale of its colours.
    package func draw(over image: Image, title: String = "") -> Image {
        let side = max(image.width, image.height)
        let factor = side >= displaySide ? 1 : (displaySide + side - 1) / side
        let ground = factor == 1 ? image : image.resized(width: image.width * factor, height: image.height * factor)
        let picture = painted(over: ground)
        let scale = min(4, max(1, max(picture.width, picture.height) / 640))
        let header = title.isEmpty ? 0 : Canvas.lineHeight(scale: scale) + 12 * scale
        let ruler = ruler(height: max(picture.height, 6 * Canvas.lineHeight(scale: scale)), scale: scale)
        var canvas = Canvas(width: picture.width + ruler.width, height: header + ruler.height)
        if header > 0 {
            let text = Canvas.shortened(title, toWidth: canvas.image.width - 12 * scale, scale: scale)
            canvas.text(text, x: 6 * scale, y: 6 * scale, scale: scale)
        }
        canvas.paste(picture, x: 0, y: header)
        canvas.paste(ruler, x: picture.width, y: header)
        return canvas.image
    }

    /// The colours from highest to lowest, with numbers at both ends and between.
    private func ruler(height: Int, scale: Int) -> Image {
        let line = Canvas.lineHeight(scale: scale)
        let (low, high) = (range.lowerBound, range.upperBound)
        let texts = [high, low + (high - low) / 2, low].map { String(format: "%.3f", $0) }
        let textWidth = texts.map { Canvas.width(of: $0, scale: scale) }.max() ?? 0
        let (margin, bar) = (12 * scale, 16 * scale)
        var canvas = Canvas(width: margin + bar + 8 * scale + textWidth + margin, height: height)
        let (top, length) = (line / 2, height - line)
        for row in 0..<length {
            let share = 1 - Float(row) / Float(max(1, length - 1))
            canvas.fill(x: margin, y: top + row, width: bar, height: 1, with: .heat(share))
        }
        canvas.frame(x: margin, y: top, width: bar, height: length, with: .ink, thickness: scale)
        for (index, text) in texts.enumerated() {
            let y = top + index * (length - 1) / (texts.count - 1)
            canvas.fill(x: margin + bar, y: y, width: 4 * scale, height: scale, with: .ink)
            canvas.text(text, x: margin + bar + 8 * scale, y: y - line / 2, color: .ink, scale: scale)
        }
        return canvas.image
    }

    private struct Place {
        let first: Int
        let second: Int
        let share: Float
    }

    /// For each pixel of a side the two cells that it lies between, as in an upsampling with half-pixel centres.
    private static func places(_ pixels: Int, _ cells: Int) -> [Place] {
        (0..<pixels).map { pixel in
            let place = max(0, (Float(pixel) + 0.5) * Float(cells) / Float(pixels) - 0.5)
            let first = min(Int(place), cells - 1)
            return Place(first: first, second: min(first + 1, cells - 1), share: min(1, place - Float(first)))
        }
    }

    private func value(_ across: Place, _ down: Place) -> Float {
        func mixed(_ row: Int) -> Float {
            let (a, b) = (values[row * columns + across.first], values[row * columns + across.second])
            return a + (b - a) * across.share
        }
        let (a, b) = (mixed(down.first), mixed(down.second))
        return a + (b - a) * down.share
    }
}
