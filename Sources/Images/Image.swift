/// A picture in 8-bit RGB, interleaved, rows from the top, no padding between rows.
package struct Image: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// `height · width · 3` bytes; the pixel in column x of row y starts at `(y · width + x) · 3`.
    package internal(set) var pixels: [UInt8]

    /// - Precondition: sides of at least 1 and three bytes for each pixel.
    package init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0, "an image has at least one pixel")
        precondition(pixels.count == width * height * 3, "three bytes a pixel")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A picture of one colour.
    package init(width: Int, height: Int, filledWith color: Color) {
        precondition(width > 0 && height > 0, "an image has at least one pixel")
        self.width = width
        self.height = height
        pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
            for start in stride(from: 0, to: buffer.count, by: 3) {
                buffer[start] = color.red
                buffer[start + 1] = color.green
                buffer[start + 2] = color.blue
            }
            count = width * height * 3
        }
    }

    package subscript(x: Int, y: Int) -> Color {
        get {
            let start = offset(x, y)
            return Color(red: pixels[start], green: pixels[start + 1], blue: pixels[start + 2])
        }
        set {
            let start = offset(x, y)
            pixels[start] = newValue.red
            pixels[start + 1] = newValue.green
            pixels[start + 2] = newValue.blue
        }
    }

    private func offset(_ x: Int, _ y: Int) -> Int {
        precondition(x >= 0 && x < width && y >= 0 && y < height, "pixel outside of the image")
        return (y * width + x) * 3
    }
}
