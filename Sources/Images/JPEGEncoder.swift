import CCodecs

/// Writes baseline JPEG. The same pixels and settings give the same bytes with the same library.
package struct JPEGEncoder: Sendable {
    package var quality: Int
    /// Keeps colour at full resolution: larger files, but thin coloured lines stay sharp.
    package var hasFullChroma: Bool

    /// - Precondition: quality 1…100.
    package init(quality: Int = 90, hasFullChroma: Bool = false) {
        precondition((1...100).contains(quality), "JPEG quality is 1…100")
        self.quality = quality
        self.hasFullChroma = hasFullChroma
    }

    /// - Throws: `notEncodable` beyond 65,500 pixels a side.
    package func encode(_ image: Image) throws(ImageError) -> [UInt8] {
        var out = codec_bytes()
        var message = CodecMessage()
        let status = message.withBuffer { text in
            codec_jpeg_encode(
                image.pixels,
                UInt32(image.width),
                UInt32(image.height),
                Int32(quality),
                hasFullChroma ? 1 : 0,
                &out,
                text
            )
        }
        return try out.taken(after: status, .jpeg, message)
    }
}
