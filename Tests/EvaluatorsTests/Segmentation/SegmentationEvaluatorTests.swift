import Datasets
import Evaluators
import Images
import Layers
import Models
import TestSupport
import Tensors
import Testing

@Suite("Evaluation of segmentation")
struct SegmentationEvaluatorTests {
    private let backend = CPUBackend(threadCount: 1)
    private let folder: TemporaryDirectory
    private let list: ClassList

    /// Plain pictures, half red and half blue, with true labels but for a stripe called green; one label file is damaged.
    init() throws {
        folder = try TemporaryDirectory()
        list = try ClassList(names: ColorWorld.names, source: "test")
        for index in 0..<3 {
            var canvas = Canvas(width: 32, height: 16, color: ColorWorld.colors[0])
            canvas.fill(x: 16, y: 0, width: 16, height: 16, with: ColorWorld.colors[2])
            try folder.write(PNGEncoder().encode(canvas.image), to: "images/\(index).png")
            let labels = (0..<16 * 32).map { place -> UInt8 in
                let x = place % 32
                // Edges between colours are left out.
                if (12..<20).contains(x) { return LabelMap.void }
                return place / 32 < 2 ? 1 : (x < 16 ? 0 : 2)
            }
            var encoded = try PNGEncoder().encode(indices: labels, width: 32, height: 16)
            if index == 2 { encoded = Array(encoded.prefix(70)) }
            try folder.write(encoded, to: "labels/\(index).png")
        }
    }

    private func evaluator(_ configuration: SemanticSegmenter.Configuration) async throws -> SegmentationEvaluator {
        let world = try await ColorWorld([[.init(color: 0, x: 0, y: 0, side: 8)]], annotations: [])
        let tower = try VisionTransformer(ParameterScope(TreeSource(world.weights)), world.tower)
        let scorer = try ClassScorer(vectors: world.classes.vectors, count: 3, scale: 100)
        let segmenter = try SemanticSegmenter(tower, scorer: scorer, configuration, on: backend)
        return SegmentationEvaluator(segmenter, classCount: 3)
    }

    @Test("pixels of all pictures are counted in one matrix; a damaged label file is left out")
    func scores() async throws {
        let root = try ImageRoot(folder.path)
        let scan = try await SegmentationDataset(root: root, layout: SegmentationLayout(.folders), classes: list).scan()
        #expect(scan.rejectedImages.count == 1)
        let dataset = Dataset(index: scan.index, root: root)
        let evaluator = try await evaluator(SemanticSegmenter.Configuration())
        var steps: [Int] = []
        let found = try await evaluator.evaluate(dataset) { steps.append($0) }
        #expect(found.images == 2 && found.unusable.isEmpty && steps == [1, 2])
        let matrix = found.matrix
        #expect(matrix[0, 0] == 2 * 12 * 14 && matrix[2, 2] == 2 * 12 * 14)
        #expect(matrix[1, 0] == 2 * 12 * 2 && matrix[1, 2] == 2 * 12 * 2)
        #expect(matrix.pixelCount == 2 * 24 * 16)
        #expect(matrix.iou(of: 0) == 14.0 / 16 && matrix.iou(of: 1) == 0)
        // Parts add up to the whole.
        let parts = [try await evaluator.evaluate(dataset, [0]), try await evaluator.evaluate(dataset, [1])]
        #expect(parts[0].matrix.adding(parts[1].matrix) == matrix)
        #expect(try await evaluator.evaluate(dataset, []).images == 0)
    }

    @Test("composed scenes are segmented in their order, and every pixel of an object counts, none of a background")
    func scenes() async throws {
        // In the order of their names: red, green, blue.
        for (name, color) in zip(["a", "b", "c"], ColorWorld.colors) {
            let pixels = (0..<400).flatMap { index -> [UInt8] in
                [color.red, color.green, color.blue, (40..<360).contains(index) ? 255 : 0]
            }
            let drawing = try PNGEncoder().encode(straight: pixels, width: 20, height: 20)
            try folder.write(drawing, to: "cut/sprites/\(name)/noto-1.png")
        }
        let root = try ImageRoot(folder("cut"))
        let scan = try await ScenesDataset(root: root, size: 32).scan()
        let composer = SceneComposer(try await SceneParts(scan.index, root: root), size: 32, difficulty: .constant(0))
        var steps: [Int] = []
        let found = try await evaluator(SemanticSegmenter.Configuration())
            .evaluate(scenes: 7, of: composer, seed: 3) { steps.append($0) }
        #expect(found.images == 7 && steps == Array(1...7) && found.unusable.isEmpty)
        var counts = [UInt64](repeating: 0, count: 3)
        for place in 0..<7 {
            let (scene, noun) = composer.evaluationScene(place, seed: 3)
            #expect(noun == place % 3 && scene.objects.first?.noun == noun)
            for id in scene.labelMap.values where id != LabelMap.void { counts[Int(id)] += 1 }
        }
        #expect((0..<3).map(found.matrix.truthCount) == counts)
        // Plain colours on near-white: most of an object is found, all but what its edges blur.
        #expect(found.matrix.pixelAccuracy ?? 0 > 0.7)
    }

    @Test(
        "a strip that its rule would blow up beyond all memory is left out with what to do, and the others are counted"
    )
    func strips() async throws {
        try folder.write(PNGEncoder().encode(Image(width: 12, height: 6000, filledWith: .white)), to: "images/9.png")
        let labels = [UInt8](repeating: 0, count: 12 * 6000)
        try folder.write(PNGEncoder().encode(indices: labels, width: 12, height: 6000), to: "labels/9.png")
        let root = try ImageRoot(folder.path)
        let scan = try await SegmentationDataset(root: root, layout: SegmentationLayout(.folders), classes: list).scan()
        var configuration = SemanticSegmenter.Configuration()
        configuration.size = .shortSide(64, limit: nil)
        let found = try await evaluator(configuration).evaluate(Dataset(index: scan.index, root: root))
        #expect(found.images == 2 && found.unusable.map(\.key) == ["images/9.png"])
        #expect(found.unusable[0].reason.contains("short:64") && found.unusable[0].reason.contains("64 × 32000"))
        configuration.size = .whole
        #expect(try await evaluator(configuration).evaluate(Dataset(index: scan.index, root: root)).images == 3)
    }
}
