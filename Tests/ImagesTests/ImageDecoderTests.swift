import Images
import Testing

@Suite("ImageDecoder")
struct ImageDecoderTests {
    @Test("the fixtures are there, every kind of them")
    func fixtures() {
        #expect(Fixture.names(".png").count == 32)
        #expect(Fixture.names(".jpg").count == 17)
    }

    @Test("every kind of PNG decodes to Pillow's pixels exactly", arguments: Fixture.names(".png"))
    func png(file: String) throws {
        let name = String(file.dropLast(4))
        let image = try ImageDecoder.decode(bytes: Fixture.bytes(file))
        let expected = name.hasPrefix("resize-source") ? image : try Fixture.expected(name)
        #expect(difference(image, expected) == 0)
    }

    @Test("transparency over white is rounded as Pillow rounds it", arguments: Fixture.names(".png"))
    func overWhite(file: String) throws {
        let name = String(file.dropLast(4))
        guard Fixture.exists("\(name).overwhite.expected.png") else {
            let bytes = try Fixture.bytes(file)
            let header = try ImageDecoder.header(of: bytes)
            #expect(!header.hasAlpha)
            #expect(try ImageDecoder.decode(bytes: bytes, alpha: .overWhite) == ImageDecoder.decode(bytes: bytes))
            return
        }
        let image = try ImageDecoder.decode(bytes: Fixture.bytes(file), alpha: .overWhite)
        #expect(difference(image, try Fixture.expected("\(name).overwhite")) == 0)
    }

    @Test(
        "every kind of JPEG decodes to Pillow's pixels exactly, EXIF orientation ignored",
        arguments: Fixture.names(".jpg")
    )
    func jpeg(file: String) throws {
        let image = try ImageDecoder.decode(bytes: Fixture.bytes(file))
        #expect(difference(image, try Fixture.expected(String(file.dropLast(4)))) == 0)
    }

    @Test("all eight EXIF orientations turn as Pillow turns them", arguments: 1...8)
    func orientation(value: Int) throws {
        let bytes = try Fixture.bytes("exif\(value).jpg")
        #expect(try ImageDecoder.header(of: bytes).orientation.rawValue == value)
        let image = try ImageDecoder.decode(bytes: bytes, options: .oriented)
        #expect(difference(image, try Fixture.expected("exif\(value).oriented")) == 0)
    }

    @Test("a PNG's EXIF chunk turns it too")
    func orientedPNG() throws {
        let image = try ImageDecoder.decode(bytes: Fixture.bytes("rgb-exif6.png"), options: .oriented)
        #expect(difference(image, try Fixture.expected("rgb-exif6.oriented")) == 0)
    }

    @Test("a header tells sides, depth and kind as stored")
    func header() throws {
        let png = try ImageDecoder.header(of: Fixture.bytes("grey-alpha16.png"))
        #expect((png.width, png.height, png.componentCount, png.bitDepth) == (23, 17, 2, 16))
        #expect(png.hasAlpha && png.format == .png)
        let jpeg = try ImageDecoder.header(of: Fixture.bytes("jpeg-cmyk.jpg"))
        #expect((jpeg.width, jpeg.height, jpeg.componentCount, jpeg.bitDepth) == (45, 31, 4, 8))
        #expect(!jpeg.hasAlpha && jpeg.format == .jpeg)
    }

    @Test("the leading part of a file is enough for its header", arguments: ["jpeg420.jpg", "rgb8.png"])
    func leadingPart(file: String) throws {
        let bytes = try Fixture.bytes(file)
        let header = try ImageDecoder.header(of: bytes)
        let shortest = (1...bytes.count).first { (try? ImageDecoder.header(of: Array(bytes.prefix($0)))) == header }
        #expect(try #require(shortest) < bytes.count)
    }

    @Test("a large progressive file may not repeat its scans for minutes", .timeLimit(.minutes(1)))
    func progressiveBomb() throws {
        #expect(try ImageDecoder.decode(bytes: JPEGBytes.repeatingScan(150, side: 1472)).width == 1472)
        do {
            _ = try ImageDecoder.decode(bytes: JPEGBytes.repeatingScan(150, side: 4096))
            Issue.record("150 scans over 16 Mi pixels were made")
        } catch {
            guard case .corrupt(.jpeg, _) = error.reason else { return #expect(error.reason == .empty, "\(error)") }
        }
    }
}
