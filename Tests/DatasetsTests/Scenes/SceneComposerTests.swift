import Datasets
import Foundation
import Images
import Testing

@Suite("SceneComposer")
struct SceneComposerTests {
    private let fixture: SceneFixture

    init() throws {
        fixture = try SceneFixture()
    }

    private func scenes(_ composer: SceneComposer, _ count: Int, update: Int = 0) -> [Scene] {
        (0..<count).map { number in
            let seed = SampleSeed(run: 7, epoch: number / 3, sample: Int64(number % 3), update: update)
            return composer.compose(number % 3, seed: seed)
        }
    }

    @Test("labels, boxes and masks agree, every object is mostly seen, the main noun is always there")
    func consistent() async throws {
        for (number, scene) in scenes(try await fixture.composer(), 60).enumerated() {
            #expect(scene.objects.first?.noun == number % 3)
            #expect(Set(scene.objects.map(\.noun)).count == scene.objects.count)
            #expect(Int(scene.labels.max() ?? 0) == scene.objects.count)
            for (position, object) in scene.objects.enumerated() {
                let mask = scene.mask(of: position)
                let columns = (0..<48).filter { x in (0..<48).contains { mask[x, $0] } }
                let rows = (0..<48).filter { y in (0..<48).contains { mask[$0, y] } }
                let (left, top) = (try #require(columns.first), try #require(rows.first))
                #expect(object.box.x == Double(left) && object.box.y == Double(top))
                #expect(object.box.width == Double(columns[columns.count - 1] - left + 1))
                #expect(object.box.height == Double(rows[rows.count - 1] - top + 1))
                #expect(scene.caption.contains(object.name), "\(scene.caption)")
            }
        }
    }

    @Test("the labels of pixels are the nouns of the topmost objects, and void where there is background")
    func labels() async throws {
        let index = try await fixture.scan().index
        let composer = try await fixture.composer()
        let dataset = Dataset(index: index, root: try fixture.root, composer: composer)
        #expect(index.classes?.names == ["ant hill", "bus", "scissors"] && index.classes?.unseen == [])
        var values: Set<UInt8> = []
        for number in 0..<12 {
            let seed = SampleSeed(run: 3, epoch: number / 3, sample: Int64(number % 3))
            let scene = composer.compose(number % 3, seed: seed)
            guard case .loaded(let loaded) = try await dataset.load(Int64(number % 3), seed: seed) else {
                Issue.record("scenes are never bad")
                return
            }
            let labels = try #require(loaded.labels)
            #expect((labels.width, labels.height) == (48, 48))
            for (place, label) in scene.labels.enumerated() {
                let expected = label == 0 ? 255 : UInt8(scene.objects[Int(label) - 1].noun)
                try #require(labels.values[place] == expected, "scene \(number), pixel \(place)")
            }
            values.formUnion(labels.values)
        }
        #expect(values == [0, 1, 2, 255])
    }

    @Test("the easy end is one large upright object on near-white, unmirrored and in its own colours")
    func easy() async throws {
        let composer = try await fixture.composer(difficulty: .constant(0))
        for scene in scenes(composer, 30) {
            #expect(scene.objects.count == 1)
            let box = scene.objects[0].box
            #expect(max(box.width, box.height) >= 0.75 * 48, "\(box)")
            let corner = scene.image[0, 0]
            #expect(corner.red >= 236 && corner.red == corner.green && corner.green == corner.blue)
            let (x, y) = (Int(box.x + box.width / 2), Int(box.y + box.height / 2))
            let colors: [[Int]] = [[200, 30, 30], [30, 200, 30], [30, 160, 30], [30, 90, 30], [30, 30, 200]]
            let color = scene.image[x, y]
            let seen = [Int(color.red), Int(color.green), Int(color.blue)]
            #expect(colors.contains { zip($0, seen).allSatisfy { abs($0 - $1) <= 2 } }, "\(color)")
        }
    }

    @Test("the hard end shows one to four objects in about the shares that are wanted, and all kinds of background")
    func hard() async throws {
        for noun in ["d", "e", "f", "g"] { try fixture.sprite("sprites/\(noun)/a-1.png", 20, 20, [90, 90, 90]) }
        let composer = try await fixture.composer()
        let counts = (0..<400).map { number in
            composer.compose(0, seed: SampleSeed(run: 1, epoch: number, sample: 0)).objects.count
        }
        let shares = (1...4).map { count in Double(counts.count { $0 == count }) / 400 }
        #expect(abs(shares[0] - 0.35) < 0.1 && abs(shares[1] - 0.35) < 0.1, "\(shares)")
        #expect(shares[2] > 0.1 && shares[3] > 0.03, "\(shares)")
    }

    @Test("styles are chosen before pictures: a style with more drawings is not seen more often")
    func styles() async throws {
        let composer = try await fixture.composer(difficulty: .constant(0))
        let greens = (0..<300).map { number in
            let scene = composer.compose(1, seed: SampleSeed(run: 1, epoch: number, sample: 1))
            let box = scene.objects[0].box
            return scene.image[Int(box.x + box.width / 2), Int(box.y + box.height / 2)].green
        }
        let share = Double(greens.count { $0 < 120 }) / 300
        #expect(abs(share - 0.5) < 0.1, "\(share)")
    }

    @Test("difficulty is straight between its points and level beyond them")
    func ramp() {
        let ramp = SceneDifficulty([.init(update: 10, value: 0.25), .init(update: 18, value: 1)])
        #expect([0, 10, 14, 18, 1000].map { ramp.value(at: $0) } == [0.25, 0.25, 0.625, 1, 1])
        #expect(SceneDifficulty.constant(0.3).value(at: 5) == 0.3)
    }

    @Test("the update moves the difficulty, and nothing else does")
    func updates() async throws {
        let ramp = SceneDifficulty([.init(update: 0, value: 0), .init(update: 100, value: 1)])
        let composer = try await fixture.composer(difficulty: ramp)
        #expect(scenes(composer, 12).allSatisfy { $0.objects.count == 1 })
        let late = scenes(composer, 12, update: 100)
        #expect(late.contains { $0.objects.count > 1 })
        let hard = scenes(try await fixture.composer(), 12)
        #expect(zip(late, hard).allSatisfy { $0.image == $1.image && $0.caption == $1.caption })
    }

    @Test("a noun has the article that it is said with")
    func articles() async throws {
        let composer = try await fixture.composer(difficulty: .constant(0))
        func captions(_ noun: Int64) -> [String] {
            (0..<40).map { composer.compose(Int(noun), seed: SampleSeed(run: 5, epoch: $0, sample: noun)).caption }
        }
        #expect(captions(0).allSatisfy { $0.contains("an ant hill") })
        #expect(captions(1).allSatisfy { $0.contains("a bus") })
        #expect(captions(2).allSatisfy { $0.contains("scissors") && !$0.contains("a scissors") })
        #expect(Set(captions(0)).count > 8)
    }

    @Test("captions of the main object name no other, and the picture stays the same")
    func mainCaptions() async throws {
        let all = scenes(try await fixture.composer(), 60)
        let main = scenes(try await fixture.composer(captions: .main), 60)
        var unnamed = 0
        for (all, main) in zip(all, main) {
            #expect(all.image == main.image && all.labels == main.labels)
            for object in main.objects {
                let isMain = object.noun == main.objects[0].noun
                #expect(main.caption.contains(object.name) == isMain, "\(main.caption)")
                unnamed += isMain ? 0 : 1
            }
        }
        #expect(unnamed > 0)
    }

    @Test("what is written as COCO is read back as the same boxes, masks and captions")
    func record() async throws {
        let scenes = scenes(try await fixture.composer(), 6)
        var (pictures, annotations): ([String], [String]) = ([], [])
        for (number, scene) in scenes.enumerated() {
            let name = "\(number).png"
            try fixture.folder.write(PNGEncoder().encode(scene.image), to: "out/" + name)
            let first = annotations.count + 1
            let record = try SceneRecord(scene, number: number + 1, fileName: name, firstAnnotation: first)
            pictures.append(record.picture)
            annotations += record.annotations
        }
        let categories = try SceneRecord.categories(["ant hill", "bus", "scissors"])
        let text = SceneRecord.file(categories: categories, pictures: pictures, annotations: annotations)
        try fixture.folder.write(text, to: "scenes.json")
        let file = fixture.folder.path + "/scenes.json"
        let root = try ImageRoot(fixture.folder.path + "/out")
        let scan = try await COCODataset(annotationFile: file, root: root).scan()
        #expect(scan.rejections.isEmpty && scan.warnings.isEmpty)
        #expect(scan.index.samples.map(\.captions) == scenes.map { [$0.caption] })
        let content = try COCOAnnotations.read(file, includesSegmentations: true)
        #expect(content.categories.map(\.name) == ["ant hill", "bus", "scissors"])
        for (sample, scene) in zip(scan.index.samples, scenes) {
            #expect(sample.boxes.map(\.categoryID) == scene.objects.map { Int64($0.noun + 1) })
            #expect(sample.boxes.map(\.x) == scene.objects.map(\.box.x))
        }
        let outlines = content.annotations.compactMap(\.segmentation)
        let masks = scenes.flatMap { scene in scene.objects.indices.map { scene.mask(of: $0) } }
        try #require(outlines.count == masks.count)
        for (outline, mask) in zip(outlines, masks) {
            #expect(try SegmentationMask(outline, width: 48, height: 48) == mask)
        }
    }
}
