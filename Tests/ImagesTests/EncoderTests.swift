import Images
import Testing

@Suite("JPEGEncoder and PNGEncoder")
struct EncoderTests {
    private let image: Image

    init() throws {
        image = try ImageDecoder.decode(bytes: Fixture.bytes("jpeg444.jpg"))
    }

    @Test("PNG comes back unchanged at every level", arguments: [0, 1, 6, 9])
    func png(level: Int) throws {
        let bytes = try PNGEncoder(compressionLevel: level).encode(image)
        #expect(try ImageDecoder.decode(bytes: bytes) == image)
    }

    @Test("JPEG at quality 100 with full colour stays within three levels")
    func jpeg() throws {
        let bytes = try JPEGEncoder(quality: 100, hasFullChroma: true).encode(image)
        #expect(difference(try ImageDecoder.decode(bytes: bytes), image) <= 3)
    }

    @Test("lower quality and shared colour make smaller files")
    func sizes() throws {
        let best = try JPEGEncoder(quality: 95, hasFullChroma: true).encode(image)
        let shared = try JPEGEncoder(quality: 95).encode(image)
        let rough = try JPEGEncoder(quality: 30).encode(image)
        #expect(best.count > shared.count && shared.count > rough.count)
    }

    @Test("what a format cannot hold is an error, not a broken file")
    func notEncodable() throws {
        let strip = Image(width: 65_536, height: 1, filledWith: .ink)
        #expect(throws: ImageError.self) { try JPEGEncoder().encode(strip) }
        #expect(
            try ImageDecoder.header(
                of: PNGEncoder().encode(strip),
                limits: ImageLimits(maximumSide: 65_536, maximumPixelCount: 65_536)
            ).width == 65_536
        )
    }
}
