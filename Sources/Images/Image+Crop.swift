extension Image {
    /// Where the picture lies in the padded one.
    package enum Placement: Sendable {
        /// Padding at the right and the bottom; coordinates keep their meaning.
        case topLeft
        /// Half of the padding, rounded down, at the left and the top; the rest at the right and the bottom.
        case centered
    }

    /// - Precondition: the rectangle has at least one pixel and lies in the image.
    package func cropped(x: Int, y: Int, width newWidth: Int, height newHeight: Int) -> Image {
        precondition(newWidth > 0 && newHeight > 0, "a crop has at least one pixel")
        precondition(x >= 0 && y >= 0 && x + newWidth <= width && y + newHeight <= height, "a crop lies in its image")
        var output: [UInt8] = []
        output.reserveCapacity(newWidth * newHeight * 3)
        for row in y..<y + newHeight {
            let start = (row * width + x) * 3
            output.append(contentsOf: pixels[start..<start + newWidth * 3])
        }
        return Image(width: newWidth, height: newHeight, pixels: output)
    }

    /// - Precondition: the new sides are not smaller.
    package func padded(
        toWidth newWidth: Int,
        height newHeight: Int,
        _ placement: Placement,
        with color: Color = .black
    ) -> Image {
        precondition(newWidth >= width && newHeight >= height, "padding never cuts")
        var result = Image(width: newWidth, height: newHeight, filledWith: color)
        switch placement {
        case .topLeft: result.paste(self, x: 0, y: 0)
        case .centered: result.paste(self, x: (newWidth - width) / 2, y: (newHeight - height) / 2)
        }
        return result
    }

    /// Copies another picture in, its top left corner at (x, y); what would lie outside is cut off.
    package mutating func paste(_ other: Image, x: Int, y: Int) {
        let (left, right) = (max(0, -x), min(other.width, width - x))
        let (top, bottom) = (max(0, -y), min(other.height, height - y))
        guard left < right && top < bottom else { return }
        for row in top..<bottom {
            let target = ((y + row) * width + x + left) * 3
            let source = (row * other.width + left) * 3
            let bytes = other.pixels[source..<source + (right - left) * 3]
            pixels.replaceSubrange(target..<target + bytes.count, with: bytes)
        }
    }
}
