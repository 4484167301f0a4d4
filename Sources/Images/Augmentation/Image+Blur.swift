extension Image {
    /// A Gaussian blur by three box blurs across and three down, eight bits in between, bit for bit
    /// `ImageFilter.GaussianBlur(radius: sigma)` of Pillow 10, which is what DINO's augmentation calls.
    ///
    /// Not the sampled Gaussian of torchvision's `gaussian_blur`; published recipes with Pillow pictures mean this one.
    ///
    /// - Parameter sigma: in pixels; 0 changes nothing.
    package func gaussianBlurred(sigma: Double) -> Image {
        let blur = BoxBlur(sigma: sigma)
        var result = self
        result.blurAcross(blur)
        result.blurDown(blur)
        return result
    }

    /// Row by row, all passes while the row is near: a copy with room for the repeated border on either side.
    private mutating func blurAcross(_ blur: BoxBlur) {
        let (border, length, height) = ((blur.reach + 1) * 3, width * 3, height)
        pixels.withUnsafeMutableBufferPointer { pixels in
            guard let start = pixels.baseAddress else { return }
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length + 2 * border) { padded in
                withUnsafeTemporaryAllocation(of: UInt32.self, capacity: length) { sums in
                    guard let first = padded.baseAddress, let sums = sums.baseAddress else { return }
                    let middle = first + border
                    for index in 0..<height {
                        let row = start + index * length
                        for _ in 0..<BoxBlur.passes {
                            middle.update(from: row, count: length)
                            for index in 0..<border {
                                middle[-border + index] = row[index % 3]
                                middle[length + index] = row[length - 3 + index % 3]
                            }
                            blur.average(length, sums: sums, into: row) { UnsafePointer(middle + $0 * 3) }
                        }
                    }
                }
            }
        }
    }

    /// A row of sums at a time, between two copies of the picture.
    private mutating func blurDown(_ blur: BoxBlur) {
        let (length, height) = (width * 3, height)
        for _ in 0..<BoxBlur.passes {
            let source = pixels
            source.withUnsafeBufferPointer { source in
                pixels.withUnsafeMutableBufferPointer { target in
                    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: length) { sums in
                        guard let from = source.baseAddress, let to = target.baseAddress, let sums = sums.baseAddress
                        else { return }
                        for row in 0..<height {
                            blur.average(length, sums: sums, into: to + row * length) { shift in
                                from + min(max(row + shift, 0), height - 1) * length
                            }
                        }
                    }
                }
            }
        }
    }
}
