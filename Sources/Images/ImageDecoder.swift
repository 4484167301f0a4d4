import CCodecs

/// Turns JPEG and PNG bytes into 8-bit RGB, whatever they store: grey, palette, CMYK, 1 to 16 bits, interlaced.
///
/// A decoder of our own, used everywhere in the system, because decoders differ in the last bit and a job must give the same
/// gradient wherever it runs. A picture that ends too early is an error; nothing is filled in.
package enum ImageDecoder {
    /// Which way is up.
    package enum Orientation: Sendable {
        /// Pixels as stored; what the boxes of datasets refer to.
        case stored
        /// Turned as the EXIF tag asks; for people to look at.
        case oriented
    }

    /// What becomes of transparency.
    package enum Alpha: Sendable {
        /// The colour beneath is taken as it is, as CLIP's preprocessing does.
        case dropped
        /// Laid over white.
        case overWhite
    }

    /// Reads sizes and kinds without decoding pixels. A leading part of the file is enough if it reaches the first scan.
    package static func header(
        of bytes: [UInt8],
        limits: ImageLimits = .standard,
        key: String? = nil
    ) throws(ImageError) -> ImageHeader {
        let (format, header) = try storedHeader(of: bytes, limits: limits, key: key)
        return ImageHeader(
            format: format,
            width: Int(header.width),
            height: Int(header.height),
            componentCount: Int(header.components),
            bitDepth: Int(header.bit_depth),
            hasAlpha: header.has_alpha != 0,
            orientation: EXIFOrientation(rawValue: Int(header.orientation)) ?? .upright
        )
    }

    /// - Parameter key: the picture's name, to be carried by the error.
    package static func decode(
        bytes: [UInt8],
        options: Orientation = .stored,
        alpha: Alpha = .dropped,
        limits: ImageLimits = .standard,
        key: String? = nil
    ) throws(ImageError) -> Image {
        var (format, header) = try storedHeader(of: bytes, limits: limits, key: key)
        let (width, height) = (Int(header.width), Int(header.height))
        let keepsAlpha = format == .png && header.has_alpha != 0 && alpha == .overWhite
        let channelCount = keepsAlpha ? 4 : 3
        var status = CODEC_OK
        var message = CodecMessage()
        var pixels = [UInt8](unsafeUninitializedCapacity: width * height * channelCount) { buffer, count in
            status = message.withBuffer { text in
                switch format {
                case .jpeg: codec_jpeg_decode(bytes, bytes.count, &header, buffer.baseAddress, text)
                case .png:
                    codec_png_decode(bytes, bytes.count, &header, Int32(channelCount), buffer.baseAddress, text)
                }
            }
            count = status == CODEC_OK ? width * height * channelCount : 0
        }
        if let reason = reason(for: status, format, message, header, limits) { throw ImageError(reason, key: key) }
        if keepsAlpha { pixels = laidOverWhite(pixels) }
        let image = Image(width: width, height: height, pixels: pixels)
        switch options {
        case .stored: return image
        case .oriented: return image.oriented(EXIFOrientation(rawValue: Int(header.orientation)) ?? .upright)
        }
    }

    /// Reads a PNG with its transparency.
    ///
    /// - Throws: `unsupported` for a JPEG, which has none.
    package static func cutout(
        bytes: [UInt8],
        limits: ImageLimits = .standard,
        key: String? = nil
    ) throws(ImageError) -> Cutout {
        var (format, header) = try storedHeader(of: bytes, limits: limits, key: key)
        guard format == .png else { throw ImageError(.unsupported(format, detail: "no transparency"), key: key) }
        let (width, height) = (Int(header.width), Int(header.height))
        var status = CODEC_OK
        var message = CodecMessage()
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 4) { buffer, count in
            status = message.withBuffer { text in
                codec_png_decode(bytes, bytes.count, &header, 4, buffer.baseAddress, text)
            }
            count = status == CODEC_OK ? width * height * 4 : 0
        }
        if let reason = reason(for: status, format, message, header, limits) { throw ImageError(reason, key: key) }
        return Cutout(width: width, height: height, straight: pixels)
    }

    static func storedHeader(
        of bytes: [UInt8],
        limits: ImageLimits,
        key: String?
    ) throws(ImageError) -> (ImageFormat, codec_header) {
        if bytes.isEmpty { throw ImageError(.empty, key: key) }
        guard let format = ImageFormat(of: bytes) else {
            throw ImageError(.unknownFormat(leadingBytes: Array(bytes.prefix(8))), key: key)
        }
        let bounds = codec_limits(
            max_side: UInt32(limits.maximumSide),
            max_pixels: UInt64(limits.maximumPixelCount)
        )
        var header = codec_header()
        var message = CodecMessage()
        let status = message.withBuffer { text in
            switch format {
            case .jpeg: codec_jpeg_header(bytes, bytes.count, bounds, &header, text)
            case .png: codec_png_header(bytes, bytes.count, bounds, &header, text)
            }
        }
        if let reason = reason(for: status, format, message, header, limits) { throw ImageError(reason, key: key) }
        return (format, header)
    }

    static func reason(
        for status: codec_status,
        _ format: ImageFormat,
        _ message: CodecMessage,
        _ header: codec_header,
        _ limits: ImageLimits
    ) -> ImageError.Reason? {
        switch status {
        case CODEC_OK: nil
        case CODEC_TRUNCATED: .truncated(format, detail: message.text)
        case CODEC_UNSUPPORTED: .unsupported(format, detail: message.text)
        case CODEC_TOO_LARGE: .tooLarge(width: Int(header.width), height: Int(header.height), limits: limits)
        case CODEC_NO_MEMORY: .outOfMemory
        default: .corrupt(format, detail: message.text)
        }
    }

    /// RGBA to RGB, rounding once: `(c·a + 255·(255 − a)) / 255`.
    private static func laidOverWhite(_ rgba: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: rgba.count / 4 * 3) { rgb, count in
            for pixel in 0..<rgba.count / 4 {
                let alpha = UInt32(rgba[pixel * 4 + 3])
                for channel in 0..<3 {
                    let sum = UInt32(rgba[pixel * 4 + channel]) * alpha + 255 * (255 - alpha) + 128
                    rgb[pixel * 3 + channel] = UInt8(truncatingIfNeeded: (sum >> 8 + sum) >> 8)
                }
            }
            count = rgba.count / 4 * 3
        }
    }
}
