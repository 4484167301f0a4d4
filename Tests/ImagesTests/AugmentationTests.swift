import Images
import Testing

/// Pictures and numbers of Fixtures/make_augmentation_fixtures.py.
@Suite("Augmentation")
struct AugmentationTests {
    private func picture(_ name: String) throws -> Image {
        try ImageDecoder.decode(bytes: Fixture.bytes("Augmentation/\(name)"))
    }

    private func apply(_ operation: Substring, _ value: Double, to image: Image) throws -> Image {
        switch operation {
        case "brightness": image.withBrightness(value)
        case "contrast": image.withContrast(value)
        case "saturation": image.withSaturation(value)
        case "hue": image.withHueShifted(by: value)
        case "blur": image.gaussianBlurred(sigma: value)
        case "grayscale": image.grayscaled()
        case "solarise": image.solarised(from: Int(value))
        case "flip": image.flippedHorizontally()
        default: throw UnknownOperation(name: String(operation))
        }
    }

    private struct UnknownOperation: Error {
        let name: String
    }

    @Test("288 changes of noise, every corner of the colours, thin and flat pictures are Pillow 10's bit for bit")
    func pillow() throws {
        let listing = String(decoding: try Fixture.bytes("Augmentation/cases.txt"), as: UTF8.self)
        var expected = try picture("expected.png").pixels[...]
        var caseCount = 0
        for line in listing.split(separator: "\n") {
            let words = line.split(separator: " ")
            let source = try picture(String(words[0]))
            let result = try apply(words[1], try #require(Double(words[2])), to: source)
            let wanted = Array(expected.prefix(source.pixels.count))
            #expect(
                difference(result, Image(width: source.width, height: source.height, pixels: wanted)) == 0,
                "\(line)"
            )
            expected = expected.dropFirst(source.pixels.count)
            caseCount += 1
        }
        #expect(caseCount == 288)
        #expect(expected.allSatisfy { $0 == 0 } && expected.count < 3 * 256)
    }

    @Test("a flat gray stays as it is under contrast, saturation, hue and blur", arguments: [0, 1, 127, 128, 255])
    func flat(level: UInt8) {
        let image = Image(width: 9, height: 6, filledWith: Color(red: level, green: level, blue: level))
        for changed in [
            image.withContrast(1.4), image.withContrast(0.6), image.withSaturation(1.2), image.withSaturation(0),
            image.withHueShifted(by: 0.1), image.withHueShifted(by: -0.5), image.gaussianBlurred(sigma: 2),
            image.gaussianBlurred(sigma: 40), image.grayscaled(), image.flippedHorizontally(),
        ] {
            #expect(changed == image)
        }
    }

    @Test("flipping twice, solarising twice and no blur give the picture back")
    func undone() throws {
        let image = try picture("noise.png")
        #expect(image.flippedHorizontally() != image)
        #expect(image.flippedHorizontally().flippedHorizontally() == image)
        #expect(image.solarised(from: 0).solarised(from: 0) == image)
        #expect(image.gaussianBlurred(sigma: 0) == image)
        #expect(image.withBrightness(1) == image)
    }
}
