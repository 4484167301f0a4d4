import Images
import Testing

@Suite("Image+Crop")
struct ImageCropTests {
    /// Every pixel tells its place.
    private let image = Image(width: 5, height: 4, pixels: (0..<60).map { UInt8($0) })

    @Test("a crop keeps exactly its rectangle")
    func crop() {
        let crop = image.cropped(x: 1, y: 2, width: 3, height: 2)
        for y in 0..<2 { for x in 0..<3 { #expect(crop[x, y] == image[x + 1, y + 2]) } }
        #expect(image.cropped(x: 0, y: 0, width: 5, height: 4) == image)
    }

    @Test("padding right and bottom keeps coordinates and is black")
    func topLeft() {
        let padded = image.padded(toWidth: 8, height: 9, .topLeft)
        #expect(padded.cropped(x: 0, y: 0, width: 5, height: 4) == image)
        #expect(padded.cropped(x: 5, y: 0, width: 3, height: 9).pixels.allSatisfy { $0 == 0 })
        #expect(padded.cropped(x: 0, y: 4, width: 8, height: 5).pixels.allSatisfy { $0 == 0 })
    }

    @Test("centred padding puts the odd pixel at the right and the bottom")
    func centered() {
        let padded = image.padded(toWidth: 8, height: 9, .centered, with: .white)
        #expect(padded.cropped(x: 1, y: 2, width: 5, height: 4) == image)
        #expect(padded[0, 3] == .white && padded[6, 3] == .white && padded[3, 1] == .white && padded[3, 6] == .white)
    }

    @Test("pasting cuts off what lies outside", arguments: [(-2, -1), (3, 2), (-9, 0), (0, 7), (1, 1), (-1, -1)])
    func paste(x: Int, y: Int) {
        var ground = Image(width: 4, height: 4, filledWith: .white)
        ground.paste(image, x: x, y: y)
        for row in 0..<4 {
            for column in 0..<4 {
                let (sourceX, sourceY) = (column - x, row - y)
                let isCovered = (0..<5).contains(sourceX) && (0..<4).contains(sourceY)
                #expect(ground[column, row] == (isCovered ? image[sourceX, sourceY] : .white))
            }
        }
    }
}
