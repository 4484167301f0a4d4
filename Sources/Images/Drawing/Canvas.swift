/// A picture being drawn on. Whatever lies outside of it is cut off, so callers need not clip.
package struct Canvas: Sendable {
    package private(set) var image: Image

    package init(_ image: Image) {
        self.image = image
    }

    package init(width: Int, height: Int, color: Color = .paper) {
        image = Image(width: width, height: height, filledWith: color)
    }

    /// - Parameter opacity: 1 covers, 0 leaves things as they are.
    package mutating func fill(x: Int, y: Int, width: Int, height: Int, with color: Color, opacity: Float = 1) {
        for row in max(0, y)..<max(max(0, y), min(image.height, y + height)) {
            for column in max(0, x)..<max(max(0, x), min(image.width, x + width)) {
                blend(column, row, color, opacity)
            }
        }
    }

    /// A frame whose outer edge is the rectangle; lines thicker than half of it fill it.
    package mutating func frame(x: Int, y: Int, width: Int, height: Int, with color: Color, thickness: Int = 2) {
        let across = min(thickness, max(1, width / 2))
        let down = min(thickness, max(1, height / 2))
        fill(x: x, y: y, width: width, height: down, with: color)
        fill(x: x, y: y + height - down, width: width, height: down, with: color)
        fill(x: x, y: y + down, width: across, height: height - 2 * down, with: color)
        fill(x: x + width - across, y: y + down, width: across, height: height - 2 * down, with: color)
    }

    /// The lines between the cells of a grid over the whole picture, light on a dark shadow, to be seen on any ground.
    package mutating func grid(rows: Int, columns: Int, color: Color = .white, opacity: Float = 0.75) {
        precondition(rows > 0 && columns > 0, "a grid has cells")
        for column in stride(from: 1, to: columns, by: 1) {
            let x = column * image.width / columns
            fill(x: x, y: 0, width: 1, height: image.height, with: color, opacity: opacity)
            fill(x: x + 1, y: 0, width: 1, height: image.height, with: .black, opacity: opacity / 2)
        }
        for row in stride(from: 1, to: rows, by: 1) {
            let y = row * image.height / rows
            fill(x: 0, y: y, width: image.width, height: 1, with: color, opacity: opacity)
            fill(x: 0, y: y + 1, width: image.width, height: 1, with: .black, opacity: opacity / 2)
        }
    }

    /// Colours what belongs to an object.
    ///
    /// - Parameter isInside: one value a pixel of the picture, row-major.
    package mutating func tint(_ isInside: [Bool], with color: Color, opacity: Float = 0.45) {
        precondition(isInside.count == image.width * image.height, "one value a pixel")
        for y in 0..<image.height {
            for x in 0..<image.width where isInside[y * image.width + x] { blend(x, y, color, opacity) }
        }
    }

    package mutating func paste(_ other: Image, x: Int, y: Int) {
        image.paste(other, x: x, y: y)
    }

    mutating func blend(_ x: Int, _ y: Int, _ color: Color, _ opacity: Float) {
        guard x >= 0 && x < image.width && y >= 0 && y < image.height && opacity > 0 else { return }
        image[x, y] = opacity >= 1 ? color : image[x, y].mixed(with: color, share: opacity)
    }
}
