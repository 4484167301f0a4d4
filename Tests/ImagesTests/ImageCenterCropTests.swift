import Images
import Testing

@Suite("CLIP's centre crop")
struct ImageCenterCropTests {
    @Test("48 preparations, wide, tall, square, enlarged, with odd margins, are torchvision's bit for bit")
    func torchvision() throws {
        let listing = String(decoding: try Fixture.bytes("CenterCrop/cases.txt"), as: UTF8.self)
        var expected = try ImageDecoder.decode(bytes: Fixture.bytes("CenterCrop/expected.png")).pixels[...]
        var caseCount = 0
        for line in listing.split(separator: "\n") {
            let words = line.split(separator: " ")
            let side = try #require(Int(words[1]))
            let source = try ImageDecoder.decode(bytes: Fixture.bytes("CenterCrop/\(words[0])"))
            let wanted = Image(width: side, height: side, pixels: Array(expected.prefix(side * side * 3)))
            #expect(difference(source.centerCropped(toSide: side), wanted) == 0, "\(line)")
            expected = expected.dropFirst(side * side * 3)
            caseCount += 1
        }
        #expect(caseCount == 48)
        #expect(expected.allSatisfy { $0 == 0 } && expected.count < 3 * 256)
    }

    @Test("a cut out of a resized picture has the bytes that the whole one has there")
    func cut() throws {
        let source = try ImageDecoder.decode(bytes: Fixture.bytes("resize-source0.png"))  // 37 × 23
        for (width, height) in [(61, 40), (61, 23), (37, 40), (9, 7)] {
            let whole = source.resized(width: width, height: height)
            let part = source.resized(width: width, height: height, columns: 3..<8, rows: 1..<6)
            #expect(part == whole.cropped(x: 3, y: 1, width: 5, height: 5))
        }
    }

    @Test("a picture of that size is left as it is, and a needle is cut without being drawn whole")
    func edges() throws {
        let source = try ImageDecoder.decode(bytes: Fixture.bytes("resize-source0.png"))
        #expect(source.centerCropped(toSide: 23) == source.cropped(x: 7, y: 0, width: 23, height: 23))
        let needle = Image(width: 30_000, height: 1, filledWith: Color(0x102030))
        #expect(needle.centerCropped(toSide: 224) == Image(width: 224, height: 224, filledWith: Color(0x102030)))
    }
}
