import Images
import Testing

@Suite("Image")
struct ImageTests {
    @Test("a filled image reads back its colour, and a written pixel stays alone")
    func pixels() {
        var image = Image(width: 3, height: 2, filledWith: Color(0x102030))
        image[2, 1] = .white
        #expect(image[0, 0] == Color(0x102030))
        #expect(image[2, 1] == .white)
        #expect(image.pixels.suffix(3) == [255, 255, 255])
        #expect(image.pixels.count == 18)
    }
}
