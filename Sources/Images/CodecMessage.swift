import CCodecs

/// The buffer in which the C codecs leave their library's sentence.
struct CodecMessage {
    private var characters = [CChar](repeating: 0, count: Int(CODEC_MESSAGE_SIZE))

    mutating func withBuffer<Result>(_ body: (UnsafeMutablePointer<CChar>?) -> Result) -> Result {
        characters.withUnsafeMutableBufferPointer { body($0.baseAddress) }
    }

    var text: String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
