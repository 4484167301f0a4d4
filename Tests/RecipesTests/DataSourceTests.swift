import Datasets
import Foundation
import Images
import Layers
import Models
import Objectives
import Recipes
import Tensors
import TestSupport
import Testing

@Suite("Recipe data")
struct DataSourceTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
    }

    private func recipe(_ data: String, _ settings: String...) throws -> Recipe {
        let text = """
            name: trial
            seed: 11
            model: stillhouse-tiny
            start: {initialize: 5}
            data: \(data)
            objective: {student_size: 48, unlocked_groups: 4}
            """
        return try RecipeLoader().parse(text, settings: settings)
    }

    /// Two pictures with a table, a captions file and a shard, and two cut-outs.
    private func writeData() throws {
        let picture = try PNGEncoder().encode(Image(width: 40, height: 32, filledWith: Color(0x336699)))
        try folder.write(picture, to: "a.png")
        try folder.write(picture, to: "b.png")
        try folder.write(Array("image,words\na.png,one\nb.png,two\n".utf8), to: "pairs.csv")
        let images = #"{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}"#
        let boxes = #"{"id": 1, "image_id": 1, "bbox": [1, 1, 9, 9]}"#
        let texts = #"{"id": 1, "image_id": 1, "caption": "one"}, {"id": 2, "image_id": 2, "caption": "two"}"#
        try folder.write(Array(#"{"images": [\#(images)], "annotations": [\#(boxes)]}"#.utf8), to: "boxes.json")
        try folder.write(Array(#"{"images": [], "annotations": [\#(texts)]}"#.utf8), to: "captions.json")
        var tar = TarArchive()
        for (name, text) in [("a", "one"), ("b", "two")] {
            tar.add(name + ".png", picture)
            tar.add(name + ".json", #"{"words": "\#(text)"}"#)
        }
        try folder.write(tar.closed, to: "s-0.tar")
        for noun in ["dog", "owl"] {
            let sprite = (0..<400).flatMap { place in
                [90, 60, noun == "dog" ? 30 : 200, place < 40 ? 0 : 255] as [UInt8]
            }
            let path = folder("sprites/\(noun)")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try folder.write(
                PNGEncoder().encode(straight: sprite, width: 20, height: 20),
                to: "sprites/\(noun)/flat-1.png"
            )
        }
    }

    private func sources() -> [String] {
        let root = folder.path
        return [
            "{kind: pairs, root: \(root), annotations: \(root)/pairs.csv, caption_column: words}",
            "{kind: coco, root: \(root), annotations: \(root)/boxes.json, captions: \(root)/captions.json}",
            "{kind: webdataset, root: \(root), shards: \"s-{0..0}.tar\", caption_column: words}",
            "{kind: scenes, root: \(root), scenes: {size: 48, difficulty: [[0, 0.0], [100, 1.0]]}}",
        ]
    }

    @Test("every kind gives captions, and a gradient, and the same ones through an index file")
    func kinds() async throws {
        try writeData()
        for source in sources() {
            let recipe = try recipe(source)
            try recipe.validate()
            let (scan, dataset) = try await recipe.data.open()
            #expect(scan.rejections.isEmpty && dataset.count == 2, "\(source)")
            let path = folder("index")
            try scan.index.write(to: path)
            let again = try await recipe.data.open(index: path)
            #expect(again.index == dataset.index)
            let seed = SampleSeed(run: 11, epoch: 0, sample: 1, update: 50)
            guard case .loaded(let loaded) = try await dataset.load(1, seed: seed),
                case .loaded(let other) = try await again.load(1, seed: seed)
            else {
                Issue.record("\(source) gives no sample")
                continue
            }
            #expect(loaded.sample.captions.count == 1 && loaded.sample == other.sample && loaded.image == other.image)
            #expect(loaded.fileMark != 0 && loaded.fileDigest == other.fileDigest)
            let first = try await gradient(recipe, dataset, JobSamples([0, 1], epoch: 0))
            let second = try await gradient(recipe, again, JobSamples([0, 1], epoch: 0))
            #expect(first == second && first.contains { $0 != 0 }, "\(source)")
        }
    }

    @Test("composed scenes differ by epoch, and by update where the difficulty rises")
    func scenes() async throws {
        try writeData()
        let recipe = try recipe(sources()[3])
        let dataset = try await recipe.data.open().dataset
        let easy = try await gradient(recipe, dataset, JobSamples([0, 1], epoch: 0, update: 0))
        #expect(try await gradient(recipe, dataset, JobSamples([0, 1], epoch: 1, update: 0)) != easy)
        #expect(try await gradient(recipe, dataset, JobSamples([0, 1], epoch: 0, update: 100)) != easy)
    }

    @Test("captions of composed scenes name as much as the recipe says")
    func sceneCaptions() async throws {
        try writeData()
        func longest(_ scenes: String) async throws -> Int {
            let recipe = try recipe("{kind: scenes, root: \(folder.path), scenes: {\(scenes)}}")
            let dataset = try await recipe.data.open().dataset
            var counts: [Int] = []
            for epoch in 0..<20 {
                let seed = SampleSeed(run: 1, epoch: epoch, sample: 1)
                guard case .loaded(let loaded) = try await dataset.load(1, seed: seed) else { continue }
                let words = loaded.sample.captions.joined().split(separator: " ")
                counts.append(words.count { $0.hasPrefix("dog") || $0.hasPrefix("owl") })
            }
            #expect(counts.count == 20)
            return try #require(counts.max())
        }
        let form = "size: 48, difficulty: [[0, 1.0]]"
        #expect(try await longest(form) == 2)
        #expect(try await longest(form + ", captions: main") == 1)
    }

    private func gradient(_ recipe: Recipe, _ dataset: Dataset, _ samples: JobSamples) async throws -> [Float] {
        let backend = CPUBackend(threadCount: 1)
        let plan = try TrainingPlan(recipe, model: recipe.loadModel())
        let tree = try plan.initialTree(seed: 5, on: backend)
        let start = try plan.student.flattened(tree)
        let step = try TrainingStep(
            plan,
            dataset: dataset,
            runSeed: recipe.seed,
            base: try plan.base(frozen: plan.frozen.flattened(tree), on: backend),
            teacher: start,
            on: backend
        )
        let noise = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        let student = start.enumerated().map { $1 + 0.02 * Float(noise.normal(at: $0)) }
        return try await step.gradient(of: samples, at: step.weights(student)).gradient
    }

    @Test("recipes of older kinds keep their stored form: no new key appears in it, and old forms are read")
    func storedForm() throws {
        let recipe = try recipe("{kind: folder, root: pictures}")
        let json = try recipe.canonicalJSON()
        #expect(json.contains(#""data":{"kind":"folder","root":"pictures"}"#), "\(json)")
        #expect(try Recipe(json: json) == recipe)
        #expect(try RecipeLoader().parse(recipe.yaml()) == recipe)
        let scenes = try self.recipe("{kind: scenes, root: r, scenes: {size: 64, difficulty: [[0, 0], [9, 1]]}}")
        #expect(try Recipe(json: scenes.canonicalJSON()) == scenes)
        #expect(try !scenes.canonicalJSON().contains("captions"))
        #expect(try RecipeLoader().parse(scenes.yaml()) == scenes)
    }

    @Test(
        "a key of another kind, and a missing one, are told",
        arguments: [
            ("{kind: pairs, root: r}", "data.annotations"),
            ("{kind: coco, root: r}", "data.annotations"),
            ("{kind: folder, root: r, captions: c.json}", "data.captions"),
            ("{kind: coco, root: r, annotations: a.json, image_column: x}", "data.image_column"),
            ("{kind: webdataset, root: r, image_column: x}", "data.image_column"),
            ("{kind: folder, root: r, caption_column: x}", "data.caption_column"),
            ("{kind: pairs, root: r, annotations: a.csv, shards: x}", "data.shards"),
            ("{kind: webdataset, root: r, shards: \"\"}", "data.shards"),
            ("{kind: folder, root: r, scenes: {size: 64}}", "data.scenes"),
            ("{kind: scenes, root: r, scenes: {difficulty: [[0, 1]]}}", "data.scenes.size"),
            ("{kind: scenes, root: r, scenes: {size: 4, difficulty: [[0, 1]]}}", "data.scenes.size"),
            ("{kind: scenes, root: r, scenes: {size: 64}}", "data.scenes.difficulty"),
            ("{kind: scenes, root: r, scenes: {size: 64, difficulty: []}}", "data.scenes.difficulty"),
            ("{kind: scenes, root: r, scenes: {size: 64, difficulty: [[0, 1, 2]]}}", "data.scenes.difficulty"),
            ("{kind: scenes, root: r, scenes: {size: 64, difficulty: [[0, 1.5]]}}", "data.scenes.difficulty"),
            ("{kind: scenes, root: r, scenes: {size: 64, difficulty: [[5, 0], [5, 1]]}}", "data.scenes.difficulty"),
            ("{kind: scenes, root: r, scenes: {size: 64, difficulty: [[0.5, 0]]}}", "data.scenes.difficulty"),
        ]
    )
    func problems(data: String, key: String) throws {
        let recipe = try recipe(data)
        let error = try #require(throws: RecipeError.self) { try recipe.validate() }
        guard case .invalid(_, let problems) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(problems.map(\.key) == [key], "\(error)")
    }

    @Test("an unknown key below scenes is found by name")
    func unknownKey() throws {
        let error = try #require(throws: RecipeError.self) {
            try recipe("{kind: scenes, root: r, scenes: {dificulty: [[0, 1]]}}")
        }
        #expect("\(error)".contains("data.scenes.difficulty"), "\(error)")
    }

    @Test("a recipe of labelled pictures opens them, by their files and by an index, and keeps its section")
    func segmentation() async throws {
        let picture = try PNGEncoder().encode(Image(width: 40, height: 32, filledWith: Color(0x336699)))
        let label = try PNGEncoder().encode(
            indices: (0..<40 * 32).map { UInt8($0 % 21) },
            width: 40,
            height: 32
        )
        for name in ["a", "b"] {
            try folder.write(picture, to: "JPEGImages/\(name).png")
            try folder.write(label, to: "SegmentationClass/\(name).png")
        }
        try folder.write(Array("b\n".utf8), to: "val.txt")
        let section = "{layout: voc, classes: voc-20, labels: SegmentationClass/, list: val.txt}"
        let source = "{kind: segmentation, root: \(folder.path), segmentation: \(section)}"
        let recipe = try recipe(source)
        try recipe.validate()
        #expect(recipe.data.kind.hasLabels && !recipe.data.kind.hasBoxes && !recipe.data.kind.hasCaptions)
        #expect(try RecipeLoader().parse(recipe.yaml()) == recipe)
        let (scan, dataset) = try await recipe.data.open()
        #expect(scan.rejections.isEmpty && dataset.count == 1)
        #expect(try dataset.index.classes == ClassList.named("voc-20"))
        try scan.index.write(to: folder("index"))
        let again = try await recipe.data.open(index: folder("index"))
        guard case .loaded(let sample) = try await dataset.load(0), case .loaded(let other) = try await again.load(0)
        else {
            Issue.record("the picture is good")
            return
        }
        #expect(sample.labels == other.labels && sample.labels?.values.prefix(3) == [255, 0, 1])
    }

    @Test(
        "a section of labels that does not fit is refused by its key",
        arguments: [
            ("{kind: segmentation, root: x, segmentation: {classes: c}}", "data.segmentation.layout"),
            ("{kind: segmentation, root: x, segmentation: {layout: voc}}", "data.segmentation.classes"),
            ("{kind: folder, root: x, segmentation: {layout: voc}}", "data.segmentation"),
            (
                "{kind: segmentation, root: x, segmentation: {layout: voc, classes: c, list: ''}}",
                "data.segmentation.list"
            ),
            (
                "{kind: segmentation, root: x, segmentation: {layout: ade20k, classes: c, reduce_zero_label: true}}",
                "data.segmentation.reduce_zero_label"
            ),
            (
                "{kind: segmentation, root: x, segmentation: {layout: folders, classes: c, ignore: [-1]}}",
                "data.segmentation.ignore"
            ),
            ("{kind: segmentation, root: x, segmentation: {layout: panoptic, classes: c}}", "data.annotations"),
            (
                "{kind: segmentation, root: x, annotations: y, segmentation: {layout: voc, classes: c}}",
                "data.annotations"
            ),
            (
                "{kind: segmentation, root: x, annotations: y, segmentation: {layout: panoptic, classes: c, list: l}}",
                "data.segmentation.list"
            ),
        ]
    )
    func badSegmentation(source: String, key: String) throws {
        #expect(try recipe(source).data.problems().map(\.key) == [key])
    }

    @Test("an unknown layout and a misspelt key are refused when the recipe is read")
    func misspelt() {
        #expect(throws: RecipeError.self) { try recipe("{kind: segmentation, root: x, segmentation: {layout: vocs}}") }
        #expect(throws: RecipeError.self) { try recipe("{kind: segmentation, root: x, segmentation: {labls: y}}") }
    }
}
