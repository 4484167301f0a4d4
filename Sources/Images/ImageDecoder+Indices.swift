import CCodecs

extension ImageDecoder {
    /// Reads a PNG of palette indices or grey levels as the numbers that it stores: 1, 2, 4, 8 or 16 bits. EXIF turns and
    /// transparency play no part.
    ///
    /// - Throws: `notIndices` for a JPEG, whose numbers are approximate, and for a PNG with colours or an alpha channel.
    package static func indices(
        of bytes: [UInt8],
        limits: ImageLimits = .standard,
        key: String? = nil
    ) throws(ImageError) -> IndexedImage {
        let (format, header) = try storedHeader(of: bytes, limits: limits, key: key)
        guard format == .png else { throw ImageError(.notIndices(format, detail: "lossy"), key: key) }
        guard header.components == 1 else {
            let detail = "\(header.components) numbers a pixel"
            throw ImageError(.notIndices(format, detail: detail), key: key)
        }
        let count = Int(header.width) * Int(header.height)
        var status = CODEC_OK
        var message = CodecMessage()
        var palette = codec_palette()
        func decode(_ target: UnsafeMutableRawPointer?) {
            status = message.withBuffer { codec_png_indices(bytes, bytes.count, header, target, &palette, $0) }
        }
        let indices: [UInt16]
        if header.bit_depth == 16 {
            indices = [UInt16](unsafeUninitializedCapacity: count) { buffer, filled in
                decode(buffer.baseAddress)
                filled = status == CODEC_OK ? count : 0
            }
        } else {
            indices = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                decode(buffer.baseAddress)
                filled = status == CODEC_OK ? count : 0
            }
            .map(UInt16.init)
        }
        if let reason = reason(for: status, format, message, header, limits) { throw ImageError(reason, key: key) }
        return IndexedImage(
            width: Int(header.width),
            height: Int(header.height),
            indices: indices,
            palette: palette.colors
        )
    }
}

extension codec_palette {
    fileprivate var colors: [Color] {
        withUnsafeBytes(of: rgb) { bytes in
            (0..<Int(count)).map { Color(red: bytes[3 * $0], green: bytes[3 * $0 + 1], blue: bytes[3 * $0 + 2]) }
        }
    }
}
