import Evaluators
import Images
import Testing

@Suite("Preparation of whole pictures")
struct ImagePreparationTests {
    @Test("crop fills the square, pad keeps the whole picture")
    func shapes() {
        var picture = Image(width: 40, height: 20, filledWith: .white)
        picture.paste(Image(width: 5, height: 20, filledWith: Color(0xFF0000)), x: 0, y: 0)
        let cropped = ImagePreparation.crop.image(of: picture, side: 20)
        #expect(cropped == Image(width: 20, height: 20, filledWith: .white))
        let padded = ImagePreparation.pad.image(of: picture, side: 20)
        #expect(padded[10, 2] == .black && padded[10, 17] == .black)
        #expect(padded[0, 10].red > 200 && padded[0, 10].green < 60)
        #expect(padded[19, 10] == .white)
    }

    @Test("of a square picture both make the same")
    func square() {
        let noise = (0..<30 * 30 * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        let picture = Image(width: 30, height: 30, pixels: noise)
        let prepared = ImagePreparation.allCases.map { $0.image(of: picture, side: 16) }
        #expect(Set(prepared).count == 1)
    }
}
