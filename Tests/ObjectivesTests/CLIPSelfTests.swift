import Configs
import Datasets
import Images
import Layers
import Models
import Objectives
import Tensors
import Testing

@Suite("CLIPSelf")
struct CLIPSelfTests {
    private let backend = CPUBackend(threadCount: 1)

    private func objective(_ change: (inout CLIPSelf.Configuration) -> Void = { _ in }) throws -> CLIPSelf {
        var configuration = CLIPSelf.Configuration(studentSize: 48, unlockedGroups: 2)
        change(&configuration)
        let model = try ModelConfiguration(json: #require(Presets.models["stillhouse-tiny"]))
        return try CLIPSelf(configuration, tower: model.vision)
    }

    private func weights(_ objective: CLIPSelf, seed: UInt64) throws -> ParameterTree {
        let source = RecordingSource(InitializingSource(seed: seed, on: backend))
        try objective.readParameters(ParameterScope(source))
        return source.tree
    }

    private func sample(width: Int = 60, height: Int = 40, boxes: [AnnotationBox] = []) -> LoadedSample {
        let noise = RandomGenerator(run: 9, epoch: 0, sample: 1, view: 0)
        let pixels = (0..<width * height * 3).map { UInt8(noise.integer(below: 256, at: $0)) }
        return LoadedSample(
            sample: Sample(id: 4, key: "a.png", width: width, height: height, boxes: boxes),
            image: Image(width: width, height: height, pixels: pixels)
        )
    }

    private let seed = SampleSeed(run: 1, epoch: 0, sample: 4)

    @Test("it counts boxes, keeps its teacher frozen and reads the image tower alone")
    func declaration() throws {
        let objective = try objective()
        #expect(objective.unit == .boxes)
        #expect(objective.teacherPolicy == .frozen)
        #expect(try objective.parameters().allSatisfy { $0.path.hasPrefix("visual.") })
        #expect(objective.cropSize == 32)
    }

    @Test("settings that do not suit the tower are refused, all of them at once")
    func problems() throws {
        let error = try #require(throws: SettingProblems.self) {
            try objective {
                $0.studentSize = 50
                $0.unlockedGroups = 9
            }
        }
        #expect(error.problems.map(\.key) == ["objective.student_size", "objective.unlocked_groups"])
    }

    @Test("the loss does not depend on how crops are parted into passes")
    func teacherBatches() throws {
        let small = try objective { $0.teacherBatch = 3 }
        let large = try objective()
        let (student, teacher) = (try weights(large, seed: 1), try weights(large, seed: 2))
        let views = large.views(of: sample(), seed: seed)
        let one = try small.loss(of: [views], student: student, teacher: teacher, on: backend)
        let other = try large.loss(of: [views], student: student, teacher: teacher, on: backend)
        #expect(one.units == views.regions.count && other.units == one.units)
        #expect(abs(one.terms[0].sum - other.terms[0].sum) < 1e-5)
    }

    @Test("two pictures in one graph give the sum of each alone")
    func batch() throws {
        let objective = try objective()
        let (student, teacher) = (try weights(objective, seed: 1), try weights(objective, seed: 2))
        let first = objective.views(of: sample(), seed: seed)
        let second = objective.views(
            of: sample(width: 33, height: 51),
            seed: SampleSeed(run: 1, epoch: 0, sample: 5)
        )
        let losses = try [[first], [second], [first, second]].map {
            try objective.loss(of: $0, student: student, teacher: teacher, on: backend)
        }
        #expect(losses[2].units == losses[0].units + losses[1].units)
        #expect(abs(losses[2].terms[0].sum - losses[0].terms[0].sum - losses[1].terms[0].sum) < 1e-5)
    }

    @Test("a box that misses the picture is not counted, and nothing but such boxes is a legal empty loss")
    func farBoxes() throws {
        let objective = try objective()
        let tree = try weights(objective, seed: 1)
        let sample = sample()
        let crop = CropRectangle(x0: 0, y0: 0, x1: 9, y1: 9, imageWidth: 60, imageHeight: 40)
        func region(_ x0: Float, _ x1: Float) -> Region {
            Region(
                studentBox: RegionBox(x0: x0, y0: 5, x1: x1, y1: 25),
                crop: crop,
                provenance: .proposal(annotation: 1)
            )
        }
        let some = objective.views(of: sample.image, regions: [region(10, 30), region(200, 240), region(30, 10)])
        #expect(try objective.loss(of: [some], student: tree, teacher: tree, on: backend).units == 1)
        let none = objective.views(of: sample.image, regions: [region(-50, -20)])
        let empty = try objective.loss(of: [none], student: tree, teacher: tree, on: backend)
        #expect(empty.units == 0 && empty.total == nil && empty.terms.isEmpty)
    }

    @Test("some of the targets are those rows of all of them, and the loss against them is that against the teacher")
    func targets() throws {
        let objective = try objective { $0.teacherBatch = 1 }
        let (student, teacher) = (try weights(objective, seed: 1), try weights(objective, seed: 2))
        let views = objective.views(of: sample(), seed: seed)
        let count = objective.targetCount(of: views)
        let shown = objective.teacherViews(of: views, Array(0..<count))
        let all = try #require(try objective.targets(of: shown, teacher: teacher, on: backend))
        #expect(all.shape == [count, objective.tower.embeddingSize])
        let last = objective.teacherViews(of: views, [count - 1])
        let row = try #require(try objective.targets(of: last, teacher: teacher, on: backend))
        #expect(row.floats == Array(all.floats.suffix(row.shape.count)))
        #expect(try objective.targets(of: [], teacher: teacher, on: backend) == nil)

        let parted = try objective.loss(of: [views], targets: all, student: student, on: backend)
        let whole = try objective.loss(of: [views], student: student, teacher: teacher, on: backend)
        #expect(parted.terms == whole.terms && parted.units == count)
    }

    @Test("targets are kept when the recipe says so, by itself for proposals only, and never by old recipes")
    func keeping() throws {
        for (caching, regions, isKept) in [
            (TargetCaching?.none, CLIPSelf.Configuration.RegionSource.proposals, false), (.auto, .patches, false),
            (.auto, .proposals, true), (.on, .patches, true), (.off, .proposals, false),
        ] {
            let objective = try objective {
                $0.cacheTargets = caching
                $0.regions = regions
            }
            #expect((objective.targetRule != nil) == isKept, "\(regions), \(String(describing: caching))")
        }
        let rule = try #require(try objective { $0.cacheTargets = .on }.targetRule)
        #expect(rule.size == (try objective().tower.embeddingSize))
        #expect(try objective().targetProbe?.width == 32)
    }

    @Test("the crops that name targets are those of the views, without a pixel", arguments: [false, true])
    func targetCrops(hasProposals: Bool) throws {
        let objective = try objective { $0.regions = hasProposals ? .proposals : .patches }
        let far = AnnotationBox(annotationID: 7, x: 300, y: 6, width: 20, height: 10)
        let boxes =
            (0..<3).map { AnnotationBox(annotationID: $0, x: 5 + Double($0), y: 6, width: 20, height: 10) } + [far]
        for epoch in 0..<4 {
            let sample = sample(boxes: boxes)
            let seed = SampleSeed(run: 1, epoch: epoch, sample: 4)
            let views = objective.views(of: sample, seed: seed)
            #expect(objective.targetCrops(of: sample.sample, seed: seed) == views.regions.map { TargetCrop($0.crop) })
            #expect(objective.targetCount(of: views) == views.regions.count)
        }
    }

    @Test("without a teacher there is an error, not a guess")
    func noTeacher() throws {
        let objective = try objective()
        let tree = try weights(objective, seed: 1)
        let views = objective.views(of: sample(), seed: seed)
        #expect(throws: ObjectivesError.missingTeacher(objective: "clipself")) {
            try objective.loss(of: [views], student: tree, teacher: nil, on: backend)
        }
    }

    @Test("proposals mode reads the sample's boxes")
    func proposals() throws {
        let objective = try objective { $0.regions = .proposals }
        let boxes = (0..<3).map { AnnotationBox(annotationID: $0, x: 5, y: 6, width: 20, height: 10) }
        let views = objective.views(of: sample(boxes: boxes), seed: seed)
        #expect(Set(views.regions.map(\.provenance)) == Set((0..<3).map { .proposal(annotation: $0) }))
        #expect(objective.targetCount(of: views) == 3)
        let crops = objective.teacherViews(of: views, [0, 2])
        #expect(crops.count == 2 && crops.allSatisfy { $0.width == 32 && $0.height == 32 })
    }

    @Test("the pictures for a person show the student's view and every crop")
    func pictures() throws {
        let objective = try objective()
        let views = objective.views(of: sample(), seed: seed)
        let pictures = objective.pictures(of: views)
        #expect(pictures.map(\.name) == ["student", "crops"])
        #expect(pictures[0].image.width == 768)
        #expect(pictures[1].image.width > 128)
    }
}
