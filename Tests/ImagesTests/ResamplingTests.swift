import Images
import Testing

@Suite("Resampling")
struct ResamplingTests {
    @Test("60 resizes, up, down, odd and one pixel wide, are Pillow 10's bit for bit")
    func pillow() throws {
        let listing = String(decoding: try Fixture.bytes("resize.txt"), as: UTF8.self)
        var expected = try Fixture.expected("resize").pixels[...]
        var caseCount = 0
        for line in listing.split(separator: "\n") {
            let words = line.split(separator: " ")
            let (width, height) = (try #require(Int(words[1])), try #require(Int(words[2])))
            let source = try ImageDecoder.decode(bytes: Fixture.bytes(String(words[0])))
            let result = source.resized(width: width, height: height)
            let wanted = Image(width: width, height: height, pixels: Array(expected.prefix(width * height * 3)))
            #expect(difference(result, wanted) == 0, "\(line)")
            expected = expected.dropFirst(width * height * 3)
            caseCount += 1
        }
        #expect(caseCount == 60)
        #expect(expected.allSatisfy { $0 == 0 } && expected.count < 3 * 256)
    }

    @Test("the same size is the same picture")
    func identity() throws {
        let image = try ImageDecoder.decode(bytes: Fixture.bytes("resize-source0.png"))
        #expect(image.resized(width: image.width, height: image.height) == image)
    }

    @Test("a flat picture stays flat at any size", arguments: [1, 7, 300])
    func flat(side: Int) {
        let image = Image(width: 31, height: 17, filledWith: Color(0x13F7C8))
        #expect(Set(image.resized(width: side, height: side + 1).pixels) == [0x13, 0xF7, 0xC8])
    }
}
