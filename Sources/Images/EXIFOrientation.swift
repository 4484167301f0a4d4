/// How a camera was held: what must be done to the stored pixels to show the scene upright (EXIF 2.3, tag 0x0112).
package enum EXIFOrientation: Int, Sendable, CaseIterable {
    case upright = 1
    case mirrored, rotated180, flipped, transposed, rotated90, transversed, rotated270

    fileprivate var swapsSides: Bool { rawValue >= 5 }
}

extension Image {
    /// The picture as its photographer saw it. `rotated90` means: turn the stored pixels by 90° clockwise.
    package func oriented(_ orientation: EXIFOrientation) -> Image {
        if orientation == .upright { return self }
        let (columns, rows) = orientation.swapsSides ? (height, width) : (width, height)
        var result = Image(width: columns, height: rows, filledWith: .black)
        for y in 0..<rows {
            for x in 0..<columns {
                switch orientation {
                case .upright: result[x, y] = self[x, y]
                case .mirrored: result[x, y] = self[width - 1 - x, y]
                case .rotated180: result[x, y] = self[width - 1 - x, height - 1 - y]
                case .flipped: result[x, y] = self[x, height - 1 - y]
                case .transposed: result[x, y] = self[y, x]
                case .rotated90: result[x, y] = self[y, height - 1 - x]
                case .transversed: result[x, y] = self[width - 1 - y, height - 1 - x]
                case .rotated270: result[x, y] = self[width - 1 - y, x]
                }
            }
        }
        return result
    }
}
