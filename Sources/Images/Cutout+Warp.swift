import Foundation

extension Cutout {
    /// Turned, mirrored, brought to a size and recoloured: bilinear, from a copy halved until less than half the size is
    /// asked for, so that fine lines do not break up. Places and weights are whole numbers of 1/65536 and 1/256 pixels.
    ///
    /// - Parameters:
    ///   - longestSide: in pixels, before it is turned.
    ///   - angle: in radians, clockwise.
    /// - Returns: nil if nothing of it can be seen any more.
    package func warped(
        longestSide: Double,
        angle: Double,
        isMirrored: Bool,
        color: ColorMatrix = .none
    ) -> Cutout? {
        precondition(longestSide > 0 && longestSide < 32_768 && angle.isFinite, "a size of some pixels")
        var source = self
        var scale = longestSide / Double(max(width, height))
        while scale <= 0.5 && max(source.width, source.height) > 1 {
            source = source.halved()
            scale *= 2
        }
        let (cosine, sine) = (cos(angle), sin(angle))
        let (wide, high) = (Double(source.width) * scale, Double(source.height) * scale)
        let newWidth = Int((wide * abs(cosine) + high * abs(sine)).rounded(.up)) + 2
        let newHeight = Int((wide * abs(sine) + high * abs(cosine)).rounded(.up)) + 2
        let sign = isMirrored ? -1.0 : 1.0
        func fixed(_ value: Double) -> Int { Int((value * 65_536).rounded()) }
        let (stepU, stepV) = (fixed(sign * cosine / scale), fixed(-sine / scale))
        var result = [UInt8](repeating: 0, count: newWidth * newHeight * 4)
        for y in 0..<newHeight {
            // Centres of pixels, from the middle of the target to the middle of the source.
            let (dx, dy) = (0.5 - Double(newWidth) / 2, Double(y) + 0.5 - Double(newHeight) / 2)
            var u = fixed(Double(source.width) / 2 - 0.5 + sign * (dx * cosine + dy * sine) / scale)
            var v = fixed(Double(source.height) / 2 - 0.5 + (dy * cosine - dx * sine) / scale)
            for x in 0..<newWidth {
                source.sample(u, v, color, &result, (y * newWidth + x) * 4)
                u += stepU
                v += stepV
            }
        }
        return Cutout(width: newWidth, height: newHeight, multiplied: result).trimmed(alphaAbove: 8)
    }

    /// One pixel at a place of 1/65536 pixels; beyond the rim everything is transparent.
    private func sample(_ u: Int, _ v: Int, _ color: ColorMatrix, _ result: inout [UInt8], _ place: Int) {
        let (x, y) = (u >> 16, v >> 16)
        guard x >= -1, y >= -1, x < width, y < height else { return }
        let (fractionX, fractionY) = (Int32((u >> 8) & 0xFF), Int32((v >> 8) & 0xFF))
        var (red, green, blue, alpha): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        func add(_ x: Int, _ y: Int, _ weight: Int32) {
            guard weight > 0, x >= 0, y >= 0, x < width, y < height else { return }
            let start = (y * width + x) * 4
            red += weight * Int32(pixels[start])
            green += weight * Int32(pixels[start + 1])
            blue += weight * Int32(pixels[start + 2])
            alpha += weight * Int32(pixels[start + 3])
        }
        add(x, y, (256 - fractionX) * (256 - fractionY))
        add(x + 1, y, fractionX * (256 - fractionY))
        add(x, y + 1, (256 - fractionX) * fractionY)
        add(x + 1, y + 1, fractionX * fractionY)
        let half: Int32 = 1 << 15
        alpha = (alpha + half) >> 16
        guard alpha > 0 else { return }
        let changed = color.applied((red + half) >> 16, (green + half) >> 16, (blue + half) >> 16, alpha: alpha)
        (result[place], result[place + 1], result[place + 2]) = changed
        result[place + 3] = UInt8(alpha)
    }
}
