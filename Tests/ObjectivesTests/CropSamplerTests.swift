import Datasets
import Objectives
import Tensors
import Testing

@Suite("Crop sampler")
struct CropSamplerTests {
    private let shapes = SettingRange(0.75, 4.0 / 3)

    private func sampler(_ low: Double, _ high: Double) -> CropSampler {
        CropSampler(areaRange: SettingRange(low, high), aspectRange: shapes)
    }

    private func seed(_ sample: Int64 = 1_000_000_007) -> SampleSeed {
        SampleSeed(run: 42, epoch: 3, sample: sample)
    }

    @Test("published rectangles: a local crop, a global one of the third try, and the fallback of a panorama")
    func published() {
        let local = sampler(0.05, 0.4).rectangle(width: 640, height: 480, generator: seed().generator(view: 2))
        #expect(local == CropRectangle(x: 254, y: 215, width: 265, height: 233))
        let generator = seed().generator(view: 0)
        #expect(generator.key == 0xeddf_a13a_bb17_752e)
        let global = sampler(0.4, 1).rectangle(width: 640, height: 480, generator: generator)
        #expect(global == CropRectangle(x: 6, y: 1, width: 624, height: 478))
        let fallback = sampler(0.4, 1).rectangle(width: 1000, height: 200, generator: generator)
        #expect(fallback == CropRectangle(x: 366, y: 0, width: 267, height: 200))
    }

    @Test("the fallback of a tall picture lies in its middle, and one of a fitting picture is the picture")
    func fallbacks() {
        // A crop of the whole area fits only where its shape is the picture's own: ten tries fail.
        let whole = sampler(1, 1)
        let generator = seed().generator(view: 1)
        #expect(
            whole.rectangle(width: 200, height: 1001, generator: generator)
                == CropRectangle(x: 0, y: 367, width: 200, height: 267)
        )
        #expect(
            whole.rectangle(width: 640, height: 480, generator: generator)
                == CropRectangle(x: 0, y: 0, width: 640, height: 480)
        )
    }

    @Test("4,000 crops lie in their picture, and area and shape keep to their ranges but for rounding")
    func bounds() {
        var areas: [Double] = []
        for sample in 0..<4000 {
            let crop = sampler(0.05, 0.4)
                .rectangle(width: 320, height: 240, generator: seed(Int64(sample)).generator(view: 5))
            #expect(crop.x >= 0 && crop.y >= 0 && crop.x + crop.width <= 320 && crop.y + crop.height <= 240)
            let aspect = Double(crop.width) / Double(crop.height)
            #expect(aspect > 0.73 && aspect < 1.37)
            areas.append(Double(crop.area) / (320 * 240))
        }
        #expect(areas.allSatisfy { $0 > 0.048 && $0 < 0.405 })
        let mean = areas.reduce(0, +) / 4000
        #expect(abs(mean - 0.225) < 0.005)
    }

    @Test("positions reach every place, and the first as often as the last")
    func positions() {
        var counts = [Int](repeating: 0, count: 3)
        for sample in 0..<3000 {
            // 3 × 3 of 5 × 3: three places from the left.
            let crop = CropSampler(areaRange: SettingRange(0.6, 0.6), aspectRange: SettingRange(1, 1))
                .rectangle(width: 5, height: 3, generator: seed(Int64(sample)).generator(view: 3))
            #expect(crop.width == 3 && crop.height == 3 && crop.y == 0)
            counts[crop.x] += 1
        }
        #expect(counts.allSatisfy { abs($0 - 1000) < 120 }, "\(counts)")
    }

    @Test("the thinnest pictures give crops too", arguments: [(1, 1), (1, 40), (40, 1), (2, 3)])
    func thin(width: Int, height: Int) {
        for sample in 0..<50 {
            let crop = sampler(0.05, 1)
                .rectangle(width: width, height: height, generator: seed(Int64(sample)).generator(view: 2))
            #expect(crop.x + crop.width <= width && crop.y + crop.height <= height && crop.area > 0)
        }
    }
}
