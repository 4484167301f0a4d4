import Images
import Testing

@Suite("ImageError")
struct ImageErrorTests {
    private func reason(_ bytes: [UInt8], limits: ImageLimits = .standard) -> ImageError.Reason? {
        do {
            _ = try ImageDecoder.decode(bytes: bytes, limits: limits, key: "a/b.jpg")
            return nil
        } catch {
            #expect(error.key == "a/b.jpg")
            #expect(error.description.hasPrefix("a/b.jpg: "))
            return error.reason
        }
    }

    @Test(
        "a file cut anywhere is an error, never a picture with invented pixels",
        arguments: [
            "jpeg420.jpg", "jpeg-progressive.jpg", "jpeg-grey.jpg", "jpeg-cmyk.jpg", "jpeg-restart.jpg", "rgb8.png",
            "palette4.png",
        ]
    )
    func truncated(file: String) throws {
        let bytes = try Fixture.bytes(file)
        for count in 8..<bytes.count {
            guard let reason = reason(Array(bytes.prefix(count))) else {
                Issue.record("\(count) of \(bytes.count) bytes decoded")
                continue
            }
            guard case .truncated = reason else {
                Issue.record("\(count) of \(bytes.count) bytes: \(reason)")
                continue
            }
        }
    }

    @Test("an empty file and a text file are told apart from damaged pictures")
    func foreign() {
        #expect(reason([]) == .empty)
        #expect(reason(Array("hello there".utf8)) == .unknownFormat(leadingBytes: Array("hello th".utf8)))
        #expect(reason([0xFF]) == .unknownFormat(leadingBytes: [0xFF]))
    }

    @Test("a tiny PNG that claims 100,000 × 100,000 pixels is refused from its header")
    func bomb() throws {
        let bytes = PNGBytes.claiming(width: 100_000, height: 100_000)
        #expect(bytes.count < 100)
        #expect(reason(bytes) == .tooLarge(width: 100_000, height: 100_000, limits: .standard))
    }

    @Test("each limit bites by itself")
    func limits() throws {
        let bytes = try Fixture.bytes("jpeg420.jpg")  // 45 × 31
        let side = ImageLimits(maximumSide: 44, maximumPixelCount: 10_000)
        let area = ImageLimits(maximumSide: 45, maximumPixelCount: 45 * 31 - 1)
        let exact = ImageLimits(maximumSide: 45, maximumPixelCount: 45 * 31)
        #expect(reason(bytes, limits: side) == .tooLarge(width: 45, height: 31, limits: side))
        #expect(reason(bytes, limits: area) == .tooLarge(width: 45, height: 31, limits: area))
        #expect(reason(bytes, limits: exact) == nil)
    }

    @Test("a flipped bit in a PNG is found by its checksums")
    func damagedPNG() throws {
        var bytes = try Fixture.bytes("rgb8.png")
        bytes[bytes.count / 2] ^= 0x10
        let found = try #require(reason(bytes))
        guard case .corrupt(.png, let detail) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(!detail.isEmpty)
    }

    @Test("a JPEG of 12 bits a sample is named as unsupported")
    func twelveBits() throws {
        var bytes = try Fixture.bytes("jpeg420.jpg")
        let frame = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        bytes[frame + 4] = 12
        let found = try #require(reason(bytes))
        guard case .unsupported(.jpeg, _) = found else {
            Issue.record("\(found)")
            return
        }
    }

    @Test("every message says what to do next")
    func messages() {
        let reasons: [ImageError.Reason] = [
            .empty, .unknownFormat(leadingBytes: [0, 255]), .truncated(.jpeg, detail: "d"), .corrupt(.png, detail: "d"),
            .unsupported(.jpeg, detail: "d"), .tooLarge(width: 9, height: 8, limits: .standard), .outOfMemory,
            .notEncodable(.jpeg, detail: "d"),
        ]
        for reason in reasons {
            let sentences = ImageError(reason).description.split(separator: ". ")
            #expect(sentences.count == 2 || reason.description.contains(": "), "\(reason)")
        }
        #expect(ImageError(.unknownFormat(leadingBytes: [0, 255])).description.contains("00 ff"))
        #expect(!ImageError(.outOfMemory).liesInTheBytes)
        #expect(ImageError(.empty).liesInTheBytes)
    }
}
