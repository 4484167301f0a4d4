/// A picture with transparency, colours multiplied by alpha, ready to be laid over another at any size and angle.
package struct Cutout: Sendable, Hashable {
    package let width: Int
    package let height: Int
    /// `height · width · 4` bytes: red, green, blue, each at most alpha, and alpha; rows from the top.
    let pixels: [UInt8]

    /// - Parameter straight: `height · width · 4` bytes whose colours are not multiplied by alpha, as PNG stores them.
    package init(width: Int, height: Int, straight: [UInt8]) {
        precondition(width > 0 && height > 0 && straight.count == width * height * 4, "four bytes a pixel")
        var pixels = straight
        for start in stride(from: 0, to: pixels.count, by: 4) {
            let alpha = Int(pixels[start + 3])
            for place in start..<start + 3 { pixels[place] = UInt8((Int(pixels[place]) * alpha + 127) / 255) }
        }
        self.init(width: width, height: height, multiplied: pixels)
    }

    init(width: Int, height: Int, multiplied: [UInt8]) {
        self.width = width
        self.height = height
        pixels = multiplied
    }

    /// 0 (nothing) to 255 (solid).
    package func alpha(x: Int, y: Int) -> UInt8 { pixels[(y * width + x) * 4 + 3] }

    /// Whether anything can be seen through it.
    package var isOpaque: Bool { stride(from: 3, to: pixels.count, by: 4).allSatisfy { pixels[$0] == 255 } }

    /// Without the rim whose alpha is at most `threshold`; nil if that is all of it.
    package func trimmed(alphaAbove threshold: UInt8) -> Cutout? {
        var (left, right, top, bottom) = (width, -1, height, -1)
        for y in 0..<height {
            for x in 0..<width where pixels[(y * width + x) * 4 + 3] > threshold {
                (left, right) = (min(left, x), max(right, x))
                (top, bottom) = (min(top, y), max(bottom, y))
            }
        }
        guard right >= left else { return nil }
        let newWidth = right - left + 1
        var rows: [UInt8] = []
        for y in top...bottom {
            let start = (y * width + left) * 4
            rows += pixels[start..<start + newWidth * 4]
        }
        return Cutout(width: newWidth, height: bottom - top + 1, multiplied: rows)
    }

    /// Half the size, four pixels averaged to one; an odd side is as if one transparent line were added.
    package func halved() -> Cutout {
        let (newWidth, newHeight) = ((width + 1) / 2, (height + 1) / 2)
        var result = [UInt8](repeating: 0, count: newWidth * newHeight * 4)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                for channel in 0..<4 {
                    var sum = 2
                    for row in 2 * y..<min(2 * y + 2, height) {
                        for column in 2 * x..<min(2 * x + 2, width) {
                            sum += Int(pixels[(row * width + column) * 4 + channel])
                        }
                    }
                    result[(y * newWidth + x) * 4 + channel] = UInt8(sum / 4)
                }
            }
        }
        return Cutout(width: newWidth, height: newHeight, multiplied: result)
    }
}

extension Image {
    /// Lays a cut-out over the picture, its top left corner at (x, y); what would lie outside is cut off.
    package mutating func lay(_ cutout: Cutout, x: Int, y: Int) {
        let (left, right) = (max(0, -x), min(cutout.width, width - x))
        let (top, bottom) = (max(0, -y), min(cutout.height, height - y))
        guard left < right && top < bottom else { return }
        for row in top..<bottom {
            for column in left..<right {
                let source = (row * cutout.width + column) * 4
                let target = ((y + row) * width + x + column) * 3
                let rest = 255 - Int(cutout.pixels[source + 3])
                if rest == 255 { continue }
                for channel in 0..<3 {
                    let beneath = (Int(pixels[target + channel]) * rest + 127) / 255
                    pixels[target + channel] = UInt8(min(255, Int(cutout.pixels[source + channel]) + beneath))
                }
            }
        }
    }
}
