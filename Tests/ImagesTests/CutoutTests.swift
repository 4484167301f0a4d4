import Images
import Testing

@Suite("Cutout")
struct CutoutTests {
    /// A solid rectangle of one colour in a transparent frame.
    private func block(_ width: Int, _ height: Int, frame: Int = 0, color: [UInt8] = [200, 100, 50]) -> Cutout {
        let (wide, high) = (width + 2 * frame, height + 2 * frame)
        var bytes: [UInt8] = []
        for y in 0..<high {
            for x in 0..<wide {
                let isInside = x >= frame && x < frame + width && y >= frame && y < frame + height
                bytes += color + [isInside ? 255 : 0]
            }
        }
        return Cutout(width: wide, height: high, straight: bytes)
    }

    @Test("a PNG comes with its transparency, and a rim that cannot be seen is cut off")
    func decoded() throws {
        var bytes = [UInt8](repeating: 0, count: 5 * 4 * 4)
        bytes.replaceSubrange((2 * 5 + 3) * 4..<(2 * 5 + 4) * 4, with: [10, 20, 30, 128])
        bytes.replaceSubrange((1 * 5 + 2) * 4..<(1 * 5 + 3) * 4, with: [10, 20, 30, 33])
        bytes[3] = 32
        let cutout = try ImageDecoder.cutout(bytes: PNGEncoder().encode(straight: bytes, width: 5, height: 4))
        #expect(cutout.alpha(x: 3, y: 2) == 128 && cutout.alpha(x: 0, y: 0) == 32 && !cutout.isOpaque)
        let trimmed = try #require(cutout.trimmed(alphaAbove: 32))
        #expect(trimmed.width == 2 && trimmed.height == 2 && trimmed.alpha(x: 1, y: 1) == 128)
        #expect(cutout.trimmed(alphaAbove: 200) == nil)
        let grey = try PNGEncoder().encode(
            indices: [1, 2, 3, 0],
            width: 2,
            height: 2,
            palette: [4, 5, 6, 7].map { Color(red: $0, green: $0, blue: $0) },
            transparent: nil
        )
        #expect(try ImageDecoder.decode(bytes: grey)[1, 1] == Color(red: 4, green: 4, blue: 4))
        let jpeg = try JPEGEncoder().encode(Image(width: 8, height: 8, filledWith: .ink))
        #expect(throws: ImageError.self) { try ImageDecoder.cutout(bytes: jpeg) }
    }

    @Test("laid over a picture, solid covers, half shines through, outside is cut off")
    func laid() {
        let half = Cutout(width: 2, height: 1, straight: [255, 255, 255, 255, 255, 255, 255, 128])
        var image = Image(width: 3, height: 2, filledWith: .black)
        image.lay(half, x: 1, y: 1)
        #expect(image[0, 1] == .black && image[1, 1] == .white && image[2, 1] == Color(red: 128, green: 128, blue: 128))
        image.lay(half, x: -1, y: 0)
        #expect(image[0, 0] == Color(red: 128, green: 128, blue: 128) && image[1, 0] == .black)
        let before = image
        image.lay(half, x: 3, y: 0)
        image.lay(half, x: 0, y: -1)
        #expect(image == before)
    }

    @Test("an unchanged size, upright, is the cut-out itself", arguments: [(6, 4), (5, 7)])
    func identity(width: Int, height: Int) throws {
        let cutout = block(width, height)
        let same = try #require(cutout.warped(longestSide: Double(max(width, height)), angle: 0, isMirrored: false))
        #expect(same == cutout)
    }

    @Test("sizes come out as asked, and colours stay", arguments: [8.0, 13, 20, 37, 64])
    func sizes(longest: Double) throws {
        let cutout = block(64, 32, frame: 0)
        let small = try #require(cutout.warped(longestSide: longest, angle: 0, isMirrored: false))
        #expect(abs(Double(small.width) - longest) <= 2 && abs(Double(small.height) - longest / 2) <= 2)
        var image = Image(width: small.width, height: small.height, filledWith: .white)
        image.lay(small, x: 0, y: 0)
        #expect(image[small.width / 2, small.height / 2] == Color(red: 200, green: 100, blue: 50))
    }

    @Test("a mirrored one is the other way round, a quarter turn goes clockwise")
    func orientation() throws {
        // Left half red, right half blue.
        let row: [UInt8] =
            Array(repeating: [255, 0, 0, 255], count: 8).flatMap(\.self)
            + Array(repeating: [0, 0, 255, 255], count: 8).flatMap(\.self)
        let cutout = Cutout(width: 16, height: 8, straight: Array(repeating: row, count: 8).flatMap(\.self))
        func colors(angle: Double, isMirrored: Bool) throws -> (first: Color, last: Color, isTall: Bool) {
            let turned = try #require(cutout.warped(longestSide: 16, angle: angle, isMirrored: isMirrored))
            var image = Image(width: turned.width, height: turned.height, filledWith: .white)
            image.lay(turned, x: 0, y: 0)
            let isTall = turned.height > turned.width
            let (x, y) = (turned.width / 2, turned.height / 2)
            return isTall
                ? (image[x, 3], image[x, turned.height - 4], true) : (image[3, y], image[turned.width - 4, y], false)
        }
        let (red, blue) = (Color(0xFF0000), Color(0x0000FF))
        let upright = try colors(angle: 0, isMirrored: false)
        #expect(upright.first == red && upright.last == blue && !upright.isTall)
        let mirrored = try colors(angle: 0, isMirrored: true)
        #expect(mirrored.first == blue && mirrored.last == red)
        let turned = try colors(angle: .pi / 2, isMirrored: false)
        #expect(turned.first == red && turned.last == blue && turned.isTall)
    }

    @Test(
        "no change of colour changes nothing; brightness scales, no saturation is grey, half a turn of hue is another"
    )
    func colors() throws {
        func center(_ change: ColorMatrix) throws -> Color {
            let cutout = try #require(
                block(8, 8).warped(longestSide: 8, angle: 0, isMirrored: false, color: change)
            )
            var image = Image(width: 8, height: 8, filledWith: .white)
            image.lay(cutout, x: 0, y: 0)
            return image[4, 4]
        }
        #expect(try center(.none) == Color(red: 200, green: 100, blue: 50))
        #expect(
            try center(ColorMatrix(hueTurns: 0, saturation: 1, brightness: 0.5)) == Color(red: 100, green: 50, blue: 25)
        )
        let grey = try center(ColorMatrix(hueTurns: 0, saturation: 0, brightness: 1))
        #expect(max(grey.red, grey.green, grey.blue) - min(grey.red, grey.green, grey.blue) <= 1)
        let turned = try center(ColorMatrix(hueTurns: 0.5, saturation: 1, brightness: 1))
        #expect(turned.blue > turned.red)
        #expect(try center(ColorMatrix(hueTurns: 0, saturation: 1, brightness: 9)).red == 255)
    }
}
