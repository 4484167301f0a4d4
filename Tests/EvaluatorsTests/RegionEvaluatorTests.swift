import Evaluators
import Foundation
import TestSupport
import Testing

@Suite("Evaluation of regions")
struct RegionEvaluatorTests {
    /// A box on the grid of 4-pixel patches, its category, and as outline the whole box unless given.
    private func annotation(
        _ id: Int,
        image: Int,
        category: Int,
        _ x: Int,
        _ y: Int,
        _ side: Int,
        outline: String? = nil,
        isCrowd: Bool = false
    ) -> String {
        let (right, below) = (x + side, y + side)
        let polygon = outline ?? "[[\(x),\(y),\(right),\(y),\(right),\(below),\(x),\(below)]]"
        return """
            {"id": \(id), "image_id": \(image), "category_id": \(category), "bbox": [\(x), \(y), \(side), \(side)],
            "iscrowd": \(isCrowd ? 1 : 0), "segmentation": \(polygon)}
            """
    }

    @Test("accuracies of boxes, masks and crops are those worked out by hand")
    func handComputed() async throws {
        let world = try await ColorWorld(
            [
                [.init(color: 0, x: 0, y: 0, side: 16), .init(color: 1, x: 32, y: 32, side: 24)],
                // A blue picture with a red corner: the box of the red object is three quarters blue.
                [.init(color: 2, x: 0, y: 0, side: 64), .init(color: 0, x: 16, y: 16, side: 8)],
            ],
            annotations: [
                annotation(1, image: 0, category: 1, 0, 0, 16),  // red, is red
                annotation(2, image: 0, category: 2, 32, 32, 24),  // green, is green
                annotation(3, image: 0, category: 3, 36, 36, 16),  // called blue, is green
                // Called red: its box holds 4 red cells of 16, its outline the red alone.
                annotation(4, image: 1, category: 1, 16, 16, 16, outline: "[[16,16,24,16,24,24,16,24]]"),
                annotation(5, image: 1, category: 3, 40, 40, 16),  // blue, is blue
            ]
        )
        let result = try await world.evaluator { $0.maskAntialias = false }
            .evaluate(world.dataset, annotations: world.annotations, classes: world.classes)[0]

        #expect(result.images == 2 && result.regions == 5)
        // Boxes and crops: red 1 of 2, green 1 of 1, blue 1 of 2. Masks: red 2 of 2, the rest alike.
        let boxes = try #require(result.boxes)
        #expect(boxes.macc1 == (0.5 + 1 + 0.5) / 3)
        #expect(boxes.macc5 == 1)
        #expect((boxes.regions, boxes.classes) == (5, 3))
        #expect(try #require(result.crops).macc1 == (0.5 + 1 + 0.5) / 3)
        #expect(try #require(result.masks).macc1 == (1 + 1 + 0.5) / 3)
        #expect(result.emptyMasks == 0 && result.skippedRegions == 0)
        #expect(result.meanCosine > 0.99)
    }

    @Test("readings of several sizes share crops, and each is what it is by itself")
    func sizes() async throws {
        let world = try await ColorWorld(
            [
                // Cells of 8 pixels of the picture at size 32, of 4 at 64: only the finer ones hold one colour each.
                [.init(color: 0, x: 0, y: 0, side: 16), .init(color: 1, x: 4, y: 4, side: 8)],
                [.init(color: 2, x: 0, y: 0, side: 64)],
            ],
            annotations: [
                annotation(1, image: 0, category: 1, 0, 0, 16), annotation(2, image: 0, category: 2, 4, 4, 8),
                annotation(3, image: 1, category: 3, 16, 16, 16),
            ]
        )
        func evaluate(_ sizes: [Int]) async throws -> [RegionEvaluation] {
            try await world.evaluator(sizes: sizes)
                .evaluate(world.dataset, annotations: world.annotations, classes: world.classes)
        }
        let both = try await evaluate([32, 64])
        #expect(both.map(\.size) == [32, 64])
        #expect(both == (try await evaluate([32])) + (try await evaluate([64])))
        #expect(both[0].meanCosine < both[1].meanCosine && both[0].crops == both[1].crops)
    }

    @Test("each region finds its own crop where the colours differ, and the first where they do not")
    func retrieval() async throws {
        let world = try await ColorWorld(
            [[.init(color: 0, x: 0, y: 0, side: 16), .init(color: 1, x: 32, y: 0, side: 16)]],
            annotations: [
                annotation(1, image: 0, category: 1, 0, 0, 16), annotation(2, image: 0, category: 2, 32, 0, 16),
            ]
        )
        let result = try await world.evaluator().evaluate(world.dataset)[0]
        #expect(result.retrievalTop1 == 1)
        #expect(abs(result.meanCosine - 1) < 1e-6)
        #expect(result.boxes == nil && result.masks == nil && result.crops == nil)
    }

    @Test("groups, unfit boxes and those beyond the limit are passed over and counted")
    func skipped() async throws {
        let world = try await ColorWorld(
            [[.init(color: 0, x: 0, y: 0, side: 32)]],
            annotations: [
                annotation(1, image: 0, category: 1, 0, 0, 7), annotation(2, image: 0, category: 1, 0, 0, 16),
                annotation(
                    3,
                    image: 0,
                    category: 1,
                    0,
                    0,
                    20,
                    outline: #"{"size": [64, 64], "counts": [4096]}"#,
                    isCrowd: true
                ),
                annotation(4, image: 0, category: 1, 0, 0, 24), annotation(5, image: 0, category: 1, 0, 0, 28),
            ]
        )
        let result = try await world.evaluator { $0.regionsPerImage = 2 }
            .evaluate(world.dataset, annotations: world.annotations, classes: world.classes)[0]
        #expect(result.regions == 2 && result.skippedRegions == 3)
    }

    @Test("a mask that covers no cell, or cannot be drawn, is left out of the masks and counted")
    func emptyMask() async throws {
        let world = try await ColorWorld(
            [[.init(color: 0, x: 0, y: 0, side: 32)]],
            annotations: [
                annotation(1, image: 0, category: 1, 0, 0, 16, outline: #"{"size": [64, 64], "counts": [4096]}"#),
                annotation(2, image: 0, category: 1, 0, 0, 16, outline: #""nonsense""#),
                annotation(3, image: 0, category: 1, 8, 8, 16),
            ]
        )
        let result = try await world.evaluator()
            .evaluate(world.dataset, annotations: world.annotations, classes: world.classes)[0]
        #expect(result.emptyMasks == 2)
        #expect(result.masks?.regions == 1 && result.boxes?.regions == 3)
    }

    @Test("an unreadable picture is named and the rest is evaluated")
    func badImage() async throws {
        let squares: [ColorWorld.Square] = [.init(color: 0, x: 0, y: 0, side: 32)]
        let world = try await ColorWorld(
            [squares, squares],
            annotations: (0..<2).map { annotation($0, image: $0, category: 1, 0, 0, 16) }
        )
        let path = world.folder("1.png")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(bytes.count - 30).write(to: URL(fileURLWithPath: path))
        let result = try await world.evaluator().evaluate(world.dataset)[0]
        #expect(result.badImages == ["1.png"] && result.regions == 1)
    }

    @Test("a class without embedding, another space, no regions and an indivisible size are errors")
    func errors() async throws {
        let world = try await ColorWorld(
            [[.init(color: 0, x: 0, y: 0, side: 32)]],
            annotations: [annotation(1, image: 0, category: 3, 0, 0, 16)]
        )
        let two = try ClassEmbeddings(names: ["red", "green"], vectors: [1, 0, 0, 0, 1, 0])
        await #expect(throws: EvaluatorsError.unknownClasses(["blue"])) {
            try await world.evaluator().evaluate(world.dataset, annotations: world.annotations, classes: two)
        }
        let flat = try ClassEmbeddings(names: ["blue"], vectors: [1, 0])
        await #expect(throws: EvaluatorsError.wrongEmbeddingSize(expected: 3, found: 2)) {
            try await world.evaluator().evaluate(world.dataset, annotations: world.annotations, classes: flat)
        }
        await #expect(throws: EvaluatorsError.noRegions(dataset: world.folder.path)) {
            try await world.evaluator { $0.minimumSide = 60 }.evaluate(world.dataset)
        }
        #expect(throws: EvaluatorsError.studentSize(66, patchSize: 4)) { try world.evaluator(sizes: [64, 66]) }
    }

    @Test("the result is a table for people and snake-case JSON for programs")
    func output() throws {
        let accuracy = RegionEvaluation.Accuracy(macc1: 0.5, macc5: 0.75, regions: 12, classes: 3)
        let result = RegionEvaluation(
            size: 64,
            images: 2,
            regions: 12,
            meanCosine: 0.25,
            retrievalTop1: 0.5,
            boxes: accuracy,
            emptyMasks: 1,
            skippedRegions: 4,
            badImages: []
        )
        #expect(
            result.table == """
                12 regions of 2 pictures, read at 64 px; 4 passed over, 1 masks empty, 0 pictures unusable

                measure                         top-1    top-5  regions  classes
                region to crop, cosine           25.0                12
                region to crop, retrieval        50.0                12
                boxes, mAcc                      50.0     75.0       12        3
                """
        )
        let json = String(decoding: try JSONEncoder().encode(result), as: UTF8.self)
        #expect(
            json.contains("\"retrieval_top1\":0.5") && json.contains("\"macc1\":0.5") && !json.contains("masks\":{")
        )
        #expect(try JSONDecoder().decode(RegionEvaluation.self, from: Data(json.utf8)) == result)
    }
}
