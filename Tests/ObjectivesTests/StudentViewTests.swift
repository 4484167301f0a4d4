import Images
import Objectives
import Testing

@Suite("Student view and teacher crop")
struct StudentViewTests {
    private func white(_ width: Int, _ height: Int) -> Image {
        Image(width: width, height: height, filledWith: .white)
    }

    @Test("the longest side becomes S, the rest is black at the right or below")
    func padding() {
        let view = StudentView(of: white(40, 30), size: 64)
        #expect(view.geometry.scale == 1.6)
        #expect((view.image.width, view.image.height) == (64, 64))
        #expect(view.image[63, 47] == .white && view.image[0, 48] == .black)
        let tall = StudentView(of: white(3, 200), size: 50)
        #expect(tall.image[0, 49] == .white && tall.image[1, 0] == .black)
    }

    @Test("new sides are rounded, halves to even, and never vanish")
    func rounding() {
        // 25 · (50 / 100) = 12.5 and 27 · 0.5 = 13.5
        #expect(StudentView(of: white(100, 25), size: 50).image[0, 11] == .white)
        #expect(StudentView(of: white(100, 25), size: 50).image[0, 12] == .black)
        #expect(StudentView(of: white(100, 27), size: 50).image[0, 13] == .white)
        #expect(StudentView(of: white(400, 1), size: 50).image[0, 0] == .white)
    }

    @Test("a crop keeps its aspect and stands centred, the odd pixel of padding at the right or below")
    func centring() {
        let crop = CropRectangle(x0: 0, y0: 0, x1: 8, y1: 6, imageWidth: 10, imageHeight: 10)
        let image = TeacherCrop.image(of: white(10, 10), crop, size: 12)  // 12 × 9: padding 3, 1 above
        #expect(image[0, 0] == .black && image[0, 1] == .white && image[0, 9] == .white && image[0, 10] == .black)
    }
}
