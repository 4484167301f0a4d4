import Checkpoints
import Images
import Objectives
import Tensors
import Testing

@Suite("CLIPSelf's pictures and boxes against Pillow 10 and NumPy")
struct CLIPSelfPreprocessingParityTests {
    @Test("student views, crop rectangles, teacher crops and cells are equal, bit for bit", arguments: 0..<6)
    func preprocessing(number: Int) throws {
        let fixture = try Fixture("clipself-preprocessing")
        let image = try fixture.image("\(number).image")
        let sizes = try fixture.floats("\(number).sizes").map(Int.init)
        let scale = try Double(#require(fixture.floats("\(number).scale").first))
        let view = StudentView(of: image, size: sizes[0])
        #expect(view.image == (try fixture.image("\(number).student")))

        let boxes = try fixture.boxes("\(number).boxes")
        let expectedCrops = try fixture.rectangles("\(number).rectangles", of: image)
        let expectedPixels = try fixture.checkpoint.tensor(named: "\(number).crops").bytes
        var pixels: [UInt8] = []
        var cells: [Float] = []
        for (box, expected) in zip(boxes, expectedCrops) {
            let crop = CropRectangle(box, scale: scale, imageWidth: image.width, imageHeight: image.height)
            #expect(crop == expected)
            pixels += TeacherCrop.image(of: image, crop, size: sizes[1]).pixels
            let region = view.geometry.cells(box, grid: Grid(rows: sizes[2], columns: sizes[2]), imageIndex: 0)
            cells += [region.x0, region.y0, region.x1, region.y1]
        }
        #expect(pixels == expectedPixels)
        #expect(try cells == fixture.floats("\(number).cells"))
        print("case \(number): \(image.width) × \(image.height), \(boxes.count) crops, no difference allowed")
    }
}
