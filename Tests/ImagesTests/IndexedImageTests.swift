import Images
import Testing

@Suite("indices of PNGs")
struct IndexedImageTests {
    @Test(
        "palette files give the places in their palette, whatever the depth",
        arguments: ["palette1.png", "palette2.png", "palette4.png", "palette8.png"]
    )
    func palettes(name: String) throws {
        let bytes = try Fixture.bytes(name)
        let image = try ImageDecoder.indices(of: bytes, key: name)
        let colors = try ImageDecoder.decode(bytes: bytes, key: name)
        #expect((image.width, image.height) == (colors.width, colors.height))
        #expect(Set(image.indices).count > 1 && !image.palette.isEmpty)
        for (place, index) in image.indices.enumerated() {
            let shown = colors[place % image.width, place / image.width]
            try #require(Int(index) < image.palette.count && image.palette[Int(index)] == shown, "\(name), \(place)")
        }
    }

    @Test(
        "grey files give the levels as stored, whatever the depth, interlaced or not, transparent or not",
        arguments: [("grey1", 1), ("grey2", 2), ("grey4", 4), ("grey8", 8), ("grey16", 16)],
        ["", "-interlaced", "-transparent"]
    )
    func grey(kind: (name: String, bits: Int), variant: String) throws {
        let bytes = try Fixture.bytes(kind.name + variant + ".png")
        let image = try ImageDecoder.indices(of: bytes)
        let shown = try ImageDecoder.decode(bytes: bytes)
        let largest = 1 << kind.bits - 1
        #expect(image.palette.isEmpty && Set(image.indices).count > 1)
        for (place, index) in image.indices.enumerated() {
            let level = (Int(index) * 255 + largest / 2) / largest
            let red = Int(shown[place % image.width, place / image.width].red)
            try #require(Int(index) <= largest && level == red, "\(place): \(index) shown as \(red)")
        }
    }

    @Test(
        "colours and alpha are refused, never turned into numbers",
        arguments: ["rgb8.png", "rgb16.png", "rgba8.png", "grey-alpha8.png", "grey-alpha16.png", "jpeg-grey.jpg"]
    )
    func colours(name: String) throws {
        let bytes = try Fixture.bytes(name)
        let format: ImageFormat = name.hasSuffix("jpg") ? .jpeg : .png
        do throws(ImageError) {
            _ = try ImageDecoder.indices(of: bytes, key: name)
            Issue.record("\(name) was read")
        } catch {
            guard case .notIndices(format, _) = error.reason else {
                Issue.record("\(error)")
                return
            }
            #expect("\(error)".hasPrefix("\(name): a \(format.rawValue) of colours, not of indices"))
        }
    }

    @Test(
        "a file that ends too early is refused at every length",
        arguments: ["palette8.png", "grey16-interlaced.png"]
    )
    func truncated(name: String) throws {
        let bytes = try Fixture.bytes(name)
        for count in 0..<bytes.count - 12 {
            #expect(throws: ImageError.self, "\(count) bytes") {
                try ImageDecoder.indices(of: Array(bytes.prefix(count)))
            }
        }
    }

    @Test("what is written as indices is read as the same indices and shown in the palette's colours")
    func roundTrip() throws {
        let values = (0..<30).map { UInt8(truncatingIfNeeded: $0 * 17) }
        let bytes = try PNGEncoder().encode(indices: values, width: 6, height: 5)
        let image = try ImageDecoder.indices(of: bytes)
        #expect(image.indices == values.map(UInt16.init) && image.palette == Color.labelPalette)
        let shown = try ImageDecoder.decode(bytes: bytes)
        #expect(shown[1, 0] == .label(17) && shown[0, 0] == Color(red: 128, green: 0, blue: 0))
        let header = try ImageDecoder.header(of: bytes)
        #expect(header.componentCount == 1 && header.bitDepth == 8 && header.hasAlpha)
        let void = try #require(values.firstIndex(of: 255))
        #expect(try ImageDecoder.cutout(bytes: bytes).alpha(x: void % 6, y: void / 6) == 0)
        let plain = try PNGEncoder().encode(
            indices: [1, 0],
            width: 2,
            height: 1,
            palette: [.white, .ink],
            transparent: nil
        )
        #expect(try ImageDecoder.indices(of: plain).palette == [.white, .ink])
        #expect(try !ImageDecoder.header(of: plain).hasAlpha)
    }

    @Test("the colours of label values are Pascal VOC's")
    func colors() {
        let known: [(Int, Int, Int, Int)] = [
            (0, 0, 0, 0), (1, 128, 0, 0), (2, 0, 128, 0), (3, 128, 128, 0), (4, 0, 0, 128), (8, 64, 0, 0),
            (15, 192, 128, 128), (20, 0, 64, 128), (255, 224, 224, 192),
        ]
        for (value, red, green, blue) in known {
            #expect(Color.interleaved(value) == Color(red: UInt8(red), green: UInt8(green), blue: UInt8(blue)))
        }
        #expect(Set((0...255).map(Color.interleaved)).count == 256)
        #expect(Color.label(0) == .interleaved(1) && Color.label(255) == .black && Color.labelPalette.count == 256)
    }
}
