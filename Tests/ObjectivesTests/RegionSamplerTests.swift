import Datasets
import Objectives
import Tensors
import Testing

@Suite("Region sampler")
struct RegionSamplerTests {
    private func sampler(_ change: (inout CLIPSelf.Configuration) -> Void = { _ in }) -> RegionSampler {
        var configuration = CLIPSelf.Configuration(studentSize: 64, unlockedGroups: 1)
        change(&configuration)
        return RegionSampler(configuration)
    }

    private func generator(sample: Int64) -> RandomGenerator {
        SampleSeed(run: 7, epoch: 2, sample: sample).generator(view: CLIPSelf.regionView)
    }

    @Test("every pair comes up about equally often in 24,000 draws, and cells are kept as the table says")
    func frequencies() {
        let sampler = sampler()
        var counts: [RegionGrid: Int] = [:]
        for sample in 0..<24_000 {
            let generator = generator(sample: Int64(sample))
            let grid = sampler.grid(generator)
            counts[grid, default: 0] += 1
            if sample % 100 == 0 {
                let regions = sampler.regions(width: 640, height: 480, proposals: [], generator: generator)
                #expect(regions.count == min(grid.cellCount, 20))
            }
        }
        #expect(counts.count == 24)
        for (grid, count) in counts {
            #expect(abs(count - 1000) <= 150, "\(grid): \(count)")
        }
        let kept = counts.keys.reduce(0) { $0 + min($1.cellCount, 20) }
        #expect(kept == 312)  // 13.0 a picture on average
    }

    @Test("the same seed gives the same regions, another sample, epoch or run others")
    func seeds() {
        let sampler = sampler { $0.gridLimit = 6 }
        func regions(_ run: UInt64, _ epoch: Int, _ sample: Int64) -> [Region] {
            let generator = SampleSeed(run: run, epoch: epoch, sample: sample).generator(view: CLIPSelf.regionView)
            return sampler.regions(width: 333, height: 222, proposals: [], generator: generator)
        }
        #expect(regions(1, 0, 5) == regions(1, 0, 5))
        let variety = Set((0..<10).flatMap { [regions(1, 0, $0), regions(1, 1, $0), regions(2, 0, $0)] })
        #expect(variety.count > 20)
    }

    @Test("cells are distinct, shuffled, and seen by the teacher exactly")
    func cells() throws {
        var orders: Set<[Int]> = []
        for sample in 0..<60 {
            let generator = generator(sample: Int64(sample))
            let sampler = sampler()
            let grid = sampler.grid(generator)
            let regions = sampler.regions(width: 97, height: 55, proposals: [], generator: generator)
            let indices = try regions.map { region in
                guard case .cell(grid, let index) = region.provenance else { throw UnexpectedRegion(region: region) }
                #expect(region.studentBox == grid.cell(index, width: 97, height: 55))
                #expect(region.crop == CropRectangle(region.studentBox, scale: 1, imageWidth: 97, imageHeight: 55))
                return index
            }
            #expect(Set(indices).count == indices.count)
            if grid.cellCount >= 8 { orders.insert(indices) }
        }
        #expect(orders.allSatisfy { $0 != $0.sorted() })
    }

    @Test("a crop scale enlarges the teacher's crop about its centre and clips it, not the student's box")
    func cropScale() throws {
        let regions = sampler { $0.cropScale = 2 }
            .regions(width: 120, height: 120, proposals: [], generator: generator(sample: 3))
        for region in regions {
            let box = region.studentBox
            let expected = CropRectangle(
                x0: Double(box.x0) - Double(box.x1 - box.x0) / 2,
                y0: Double(box.y0) - Double(box.y1 - box.y0) / 2,
                x1: Double(box.x1) + Double(box.x1 - box.x0) / 2,
                y1: Double(box.y1) + Double(box.y1 - box.y0) / 2,
                imageWidth: 120,
                imageHeight: 120
            )
            #expect(abs(region.crop.width - expected.width) <= 1 && abs(region.crop.x - expected.x) <= 1)
        }
    }

    // MARK: Proposals

    private func box(_ id: Int64, _ x: Double, _ y: Double, _ width: Double, _ height: Double) -> AnnotationBox {
        AnnotationBox(annotationID: id, x: x, y: y, width: width, height: height)
    }

    private func proposals(
        _ boxes: [AnnotationBox],
        _ change: (inout CLIPSelf.Configuration) -> Void = { _ in },
        sample: Int64 = 1
    ) -> [Region] {
        sampler {
            $0.regions = .proposals
            $0.cropScale = 1.5
            change(&$0)
        }.regions(width: 200, height: 100, proposals: boxes, generator: generator(sample: sample))
    }

    @Test("a proposal keeps its box for the student and gives the teacher 1.5 times its sides")
    func proposal() {
        let regions = proposals([box(4, 20, 30, 40, 20)])
        let expected = Region(
            studentBox: RegionBox(x0: 20, y0: 30, x1: 60, y1: 50),
            crop: CropRectangle(x0: 10, y0: 25, x1: 70, y1: 55, imageWidth: 200, imageHeight: 100),
            provenance: .proposal(annotation: 4)
        )
        #expect(regions == [expected])
    }

    @Test("a box beyond the picture stays as it is for the student and is clipped for the teacher")
    func overhanging() throws {
        let region = try #require(proposals([box(1, -10, 90, 40, 40)]).first)
        #expect(region.studentBox == RegionBox(x0: -10, y0: 90, x1: 30, y1: 130))
        #expect(
            region.crop == CropRectangle(x0: 0, y0: 80, x1: 40, y1: 100, imageWidth: 200, imageHeight: 100)
        )
    }

    @Test("boxes below 8² or above 1024² pixels are dropped, those on the bounds stay")
    func sizes() {
        let boxes = [box(1, 0, 0, 8, 8), box(2, 0, 0, 7.9, 8), box(3, 0, 0, 1024, 1024), box(4, 0, 0, 1025, 1024)]
        let kept = proposals(boxes).map(\.provenance)
        #expect(Set(kept) == [.proposal(annotation: 1), .proposal(annotation: 3)])
    }

    @Test("the cap comes before the filter, unless the recipe says otherwise")
    func order() {
        let small = (0..<30).map { box($0, Double($0), 0, 2, 2) }
        let fit = (100..<103).map { box($0, 10, 10, 20, 20) }
        var counts: [Int] = []
        for sample in 0..<20 {
            let found = proposals(small + fit, sample: Int64(sample)).filter { $0.provenance != .fallback }
            counts.append(found.count)
            let filtered = proposals(small + fit, { $0.filtersBeforeCap = true }, sample: Int64(sample))
            #expect(filtered.count == 3)
        }
        #expect(counts.contains { $0 < 3 }, "\(counts)")
        #expect(counts.allSatisfy { $0 <= 3 })
    }

    @Test("at most twenty proposals are used, in shuffled order")
    func cap() {
        let boxes = (0..<50).map { box($0, Double($0), 0, 20, 20) }
        let ids = proposals(boxes).map(\.studentBox.x0)
        #expect(ids.count == 20)
        #expect(Set(ids).count == 20)
        #expect(ids != ids.sorted())
    }

    @Test("without a usable box the top left quarter stands in", arguments: [[], [3, 3], [900, 900]])
    func fallback(sides: [Double]) {
        let boxes = sides.isEmpty ? [] : [box(1, 300, 10, sides[0], sides[1])]
        let expected = Region(
            studentBox: RegionBox(x0: 0, y0: 0, x1: 50, y1: 25),
            crop: CropRectangle(x0: 0, y0: 0, x1: 50, y1: 25, imageWidth: 200, imageHeight: 100),
            provenance: .fallback
        )
        #expect(proposals(boxes) == [expected])
    }

    @Test("the fallback crop is cut to whole pixels downwards, the box is not")
    func oddFallback() throws {
        let region = try #require(
            sampler { $0.regions = .proposals }
                .regions(width: 103, height: 91, proposals: [], generator: generator(sample: 0)).first
        )
        #expect(region.studentBox == RegionBox(x0: 0, y0: 0, x1: 25.75, y1: 22.75))
        #expect((region.crop.width, region.crop.height) == (25, 22))
    }
}

private struct UnexpectedRegion: Error {
    let region: Region
}
