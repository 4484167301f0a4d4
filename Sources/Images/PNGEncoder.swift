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

    /// Writes colour and alpha, not multiplied with each other.
    ///
    /// - Precondition: `width · height · 4` values.
    package func encode(straight values: [UInt8], width: Int, height: Int) throws(ImageError) -> [UInt8] {
        precondition(width > 0 && height > 0 && values.count == width * height * 4, "four bytes a pixel")
        return try encode(values, width, height, channels: 4)
    }

    /// Writes one byte a pixel as places in a palette: a reader gets the numbers, a viewer shows the colours.
    ///
    /// - Parameter transparent: an index that viewers show as nothing.
    /// - Precondition: `width · height` values, each below the count of colours, which is 256 at most.
    package func encode(
        indices: [UInt8],
        width: Int,
        height: Int,
        palette colors: [Color] = Color.labelPalette,
        transparent: UInt8? = LabelOverlay.none
    ) throws(ImageError) -> [UInt8] {
        precondition(width > 0 && height > 0 && indices.count == width * height, "one byte a pixel")
        precondition((1...256).contains(colors.count), "a palette has up to 256 colours")
        precondition(indices.allSatisfy { Int($0) < colors.count }, "each index has a colour")
        precondition(transparent.map { Int($0) < colors.count } ?? true, "what is transparent is in the palette")
        var palette = codec_palette()
        palette.count = Int32(colors.count)
        withUnsafeMutableBytes(of: &palette.rgb) { bytes in
            for (index, byte) in colors.flatMap({ [$0.red, $0.green, $0.blue] }).enumerated() { bytes[index] = byte }
        }
        var out = codec_bytes()
        var message = CodecMessage()
        let status = message.withBuffer { text in
            codec_png_encode_indices(
                indices,
                UInt32(width),
                UInt32(height),
                &palette,
                transparent.map(Int32.init) ?? -1,
                Int32(compressionLevel),
                &out,
                text
            )
        }
        return try out.taken(after: status, .png, message)
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
