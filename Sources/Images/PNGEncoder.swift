import CCodecs

/// Writes 8-bit RGB PNG, without loss.
package struct PNGEncoder: Sendable {
    package var compressionLevel: Int

    /// - Precondition: level 0 (stored) to 9 (smallest), as in zlib.
    package init(compressionLevel: Int = 6) {
        precondition((0...9).contains(compressionLevel), "zlib levels are 0…9")
        self.compressionLevel = compressionLevel
    }

    /// - Throws: `outOfMemory`, or `notEncodable` beyond a million pixels a side.
    package func encode(_ image: Image) throws(ImageError) -> [UInt8] {
        var out = codec_bytes()
        var message = CodecMessage()
        let status = message.withBuffer { text in
            codec_png_encode(
                image.pixels,
                UInt32(image.width),
                UInt32(image.height),
                3,
                Int32(compressionLevel),
                &out,
                text
            )
        }
        return try out.taken(after: status, .png, message)
    }
}
