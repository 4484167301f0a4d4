package import Datasets

/// The labels of a cut of a picture, one for each pixel of the view.
package enum LabelPixels {
    /// - Parameters:
    ///   - labels: of the whole stored picture.
    ///   - crop: what the view shows of it, resized to a square by taking the pixel at each centre.
    ///   - side: of the view.
    /// - Returns: `[side · side]`, row-major.
    package static func labels(of labels: LabelMap, crop: CropRectangle, isMirrored: Bool, side: Int) -> [UInt8] {
        func source(_ place: Int, _ start: Int, _ length: Int) -> Int { start + (2 * place + 1) * length / (2 * side) }
        let columns = (0..<side).map { source(isMirrored ? side - 1 - $0 : $0, crop.x, crop.width) }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(side * side)
        for y in 0..<side {
            let row = source(y, crop.y, crop.height) * labels.width
            for column in columns { pixels.append(labels.values[row + column]) }
        }
        return pixels
    }
}
