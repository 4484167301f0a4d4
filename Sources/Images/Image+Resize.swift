extension Image {
    /// With antialias, bit for bit as Pillow 10: the horizontal pass first, eight bits between the passes, a pass skipped
    /// where that side keeps its size.
    ///
    /// - Precondition: both sides at least 1.
    package func resized(
        width newWidth: Int,
        height newHeight: Int,
        by filter: ResamplingFilter = .bicubic
    ) -> Image {
        precondition(newWidth > 0 && newHeight > 0, "sides are at least 1")
        var result = self
        if newWidth != width { result = result.resampledAcross(by: Resampling(from: width, to: newWidth, by: filter)) }
        if newHeight != height {
            result = result.resampledDown(by: Resampling(from: height, to: newHeight, by: filter))
        }
        return result
    }

    /// A cut out of the resized picture, the same bytes, without the work and the memory for the rest of it.
    ///
    /// - Precondition: both sides at least 1, the ranges not empty and within them.
    package func resized(width newWidth: Int, height newHeight: Int, columns: Range<Int>, rows: Range<Int>) -> Image {
        precondition(newWidth > 0 && newHeight > 0, "sides are at least 1")
        precondition(!columns.isEmpty && columns.lowerBound >= 0 && columns.upperBound <= newWidth, "columns inside")
        precondition(!rows.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= newHeight, "rows inside")
        let narrow =
            newWidth == width
            ? cropped(x: columns.lowerBound, y: 0, width: columns.count, height: height)
            : resampledAcross(by: Resampling(from: width, to: newWidth, only: columns))
        return newHeight == height
            ? narrow.cropped(x: 0, y: rows.lowerBound, width: columns.count, height: rows.count)
            : narrow.resampledDown(by: Resampling(from: height, to: newHeight, only: rows))
    }

    private func resampledAcross(by resampling: Resampling) -> Image {
        let newWidth = resampling.windows.count
        let output = [UInt8](unsafeUninitializedCapacity: height * newWidth * 3) { target, count in
            pixels.withUnsafeBufferPointer { source in
                resampling.weights.withUnsafeBufferPointer { weights in
                    for y in 0..<height {
                        var position = y * newWidth * 3
                        for window in resampling.windows {
                            var from = (y * width + window.first) * 3
                            var (red, green, blue) = (Self.half, Self.half, Self.half)
                            for tap in window.start..<window.start + window.taps {
                                let weight = weights[tap]
                                red &+= weight &* Int32(source[from])
                                green &+= weight &* Int32(source[from &+ 1])
                                blue &+= weight &* Int32(source[from &+ 2])
                                from &+= 3
                            }
                            target[position] = Self.clamped(red)
                            target[position &+ 1] = Self.clamped(green)
                            target[position &+ 2] = Self.clamped(blue)
                            position &+= 3
                        }
                    }
                }
            }
            count = height * newWidth * 3
        }
        return Image(width: newWidth, height: height, pixels: output)
    }

    private func resampledDown(by resampling: Resampling) -> Image {
        let newHeight = resampling.windows.count
        let stride = width * 3
        let output = [UInt8](unsafeUninitializedCapacity: newHeight * stride) { target, count in
            // A row of sums at a time: the inner loop runs over neighbours and vectorises.
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { sums in
                pixels.withUnsafeBufferPointer { source in
                    for (row, window) in resampling.windows.enumerated() {
                        sums.initialize(repeating: Self.half)
                        for tap in 0..<window.taps {
                            let weight = resampling.weights[window.start + tap]
                            let from = (window.first + tap) * stride
                            for x in 0..<stride { sums[x] &+= weight &* Int32(source[from &+ x]) }
                        }
                        for x in 0..<stride { target[row &* stride &+ x] = Self.clamped(sums[x]) }
                    }
                }
            }
            count = newHeight * stride
        }
        return Image(width: width, height: newHeight, pixels: output)
    }

    private static var half: Int32 { 1 << (Resampling.fractionBits - 1) }

    private static func clamped(_ sum: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: max(0, min(255, sum >> Resampling.fractionBits)))
    }
}
