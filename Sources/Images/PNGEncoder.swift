import CCodecs

/// Writes 8-bit PNG, without loss.
package struct PNGEncoder: Sendable {
    package var compressionLevel: Int

    /// - Precondition: level 0 (stored) to 9 (smallest), as in zlib.
    package init(compressionLevel: Int = 6) {
        precondition((0...9).contains(compressionLevel), "zlib levels are 0…9")
        self.compressionLevel = compressionLevel
    }

    /// - Throws: `outOfMemory`, or `notEncodable` beyond a million pixels a side.
    package func encode(_ image: Image) throws(ImageError) -> [UInt8] {
        try encode(image.pixels, image.width, image.height, channels: 3)
    }

    /// Writes one byte a pixel as grey, such as the number of a class.
    ///
    /// - Precondition: `width · height` values.
    package func encode(grey values: [UInt8], width: Int, height: Int) throws(ImageError) -> [UInt8] {
        precondition(width > 0 && height > 0 && values.count == width * height, "one byte a pixel")
        return try encode(values, width, height, channels: 1)
    }

    /// Writes colour and alpha, not multiplied with each other.
    ///
    /// - Precondition: `width · height · 4` values.
    package func encode(straight values: [UInt8], width: Int, height: Int) throws(ImageError) -> [UInt8] {
        precondition(width > 0 && height > 0 && values.count == width * height * 4, "four bytes a pixel")
        return try encode(values, width, height, channels: 4)
    }

    private func encode(_ pixels: [UInt8], _ width: Int, _ height: Int, channels: Int32) throws(ImageError) -> [UInt8] {
        var out = codec_bytes()
        var message = CodecMessage()
        let status = message.withBuffer { text in
            codec_png_encode(
                pixels,
                UInt32(width),
                UInt32(height),
                channels,
                Int32(compressionLevel),
                &out,
                text
            )
        }
        return try out.taken(after: status, .png, message)
    }
}
