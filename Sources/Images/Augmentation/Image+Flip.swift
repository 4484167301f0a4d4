extension Image {
    /// Left and right exchanged.
    package func flippedHorizontally() -> Image {
        var result = self
        result.pixels.withUnsafeMutableBufferPointer { pixels in
            for row in 0..<height {
                var (left, right) = (row * width * 3, (row * width + width - 1) * 3)
                while left < right {
                    pixels.swapAt(left, right)
                    pixels.swapAt(left &+ 1, right &+ 1)
                    pixels.swapAt(left &+ 2, right &+ 2)
                    left &+= 3
                    right &-= 3
                }
            }
        }
        return result
    }
}
