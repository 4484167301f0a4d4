import Datasets
import Images
import Objectives
import Testing

@Suite("Pictures of a sample's views")
struct SampleViewsInspectionTests {
    private func views(_ width: Int, _ height: Int, _ change: (inout ViewSettings) -> Void = { _ in }) -> SampleViews {
        var settings = ViewSettings(text: .clean)
        settings.global.size = 32
        settings.local.size = 16
        change(&settings)
        let stored = Image(width: width, height: height, filledWith: Color(0x3A7F5C))
        return ViewSampler(settings).views(of: stored, seed: SampleSeed(run: 1, epoch: 0, sample: 7))
    }

    @Test("one sheet holds the stored picture, and every view framed in the colour of its crop")
    func sheet() throws {
        let views = views(200, 150)
        let pictures = views.inspectionPictures(title: "sample 7")
        #expect(pictures.map(\.name) == ["views"])
        let sheet = try #require(pictures.first).image
        #expect(sheet.width >= 5 * 224 && sheet.height > 480 + 3 * 224)
        let colors = Set(stride(from: 0, to: sheet.pixels.count, by: 3).map { Array(sheet.pixels[$0..<$0 + 3]) })
        for index in views.views.indices {
            let color = Color.distinct(index)
            #expect(colors.contains([color.red, color.green, color.blue]), "view \(index)")
        }
        #expect(colors.contains([0x3A, 0x7F, 0x5C]))
    }

    @Test("equal views give equal sheets, and the title is part of them")
    func stable() {
        let views = views(90, 70)
        #expect(views.inspectionPictures(title: "a")[0].image == views.inspectionPictures(title: "a")[0].image)
        #expect(views.inspectionPictures(title: "a")[0].image != views.inspectionPictures(title: "b")[0].image)
    }

    @Test("pictures of any shape and samples of one view have a sheet", arguments: [(1, 1), (900, 20), (20, 900)])
    func shapes(width: Int, height: Int) {
        #expect(views(width, height).inspectionPictures().count == 1)
        let single = views(width, height) {
            $0.text = .globalsWeak
            $0.global.count = 1
            $0.local.count = 0
        }
        #expect(single.views.count == 1 && single.inspectionPictures().count == 1)
    }
}
