import CCodecs

extension codec_bytes {
    /// Moves what an encoder wrote into an array and frees the C buffer.
    mutating func taken(
        after status: codec_status,
        _ format: ImageFormat,
        _ message: CodecMessage
    ) throws(ImageError) -> [UInt8] {
        defer { codec_bytes_free(&self) }
        if status == CODEC_NO_MEMORY { throw ImageError(.outOfMemory) }
        if status != CODEC_OK { throw ImageError(.notEncodable(format, detail: message.text)) }
        return Array(UnsafeBufferPointer(start: data, count: count))
    }
}
