import Datasets
import Images
import Layers
import Objectives
import Recipes
import Synchronization
import TestSupport
import Tensors
import Testing

@Suite("The evaluation of a version")
struct VersionEvaluatorTests {
    private let sprites: TemporaryDirectory

    /// Three nouns of one plain drawing each.
    init() throws {
        sprites = try TemporaryDirectory()
        let colors: [String: [UInt8]] = ["bus": [200, 30, 30], "cup": [30, 200, 30], "ice_cream": [30, 30, 200]]
        for (noun, color) in colors {
            let pixels = (0..<400).flatMap { index -> [UInt8] in
                let isInside = (2..<18).contains(index % 20) && (40..<360).contains(index)
                return color + [isInside ? 255 : 0]
            }
            let drawing = try PNGEncoder().encode(straight: pixels, width: 20, height: 20)
            try sprites.write(drawing, to: "sprites/\(noun)/noto-1.png")
        }
    }

    private func metrics(
        _ set: Recipe.EvaluationSet,
        of fixture: SILCFixture,
        threads: Int = 1
    ) async throws -> [String: Double] {
        let backend = CPUBackend(threadCount: threads)
        let step = try fixture.step(on: backend)
        return try await VersionEvaluator(step, on: backend).metrics(of: set, at: fixture.weights(step))
    }

    private var scenes: Recipe.EvaluationSet {
        .init(name: "scenes", kind: .scenes, root: sprites.path, count: 20, seed: 1, size: 32)
    }

    @Test("scenes give the same numbers again and on other threads, others with another seed")
    func scenes() async throws {
        let fixture = try await SILCFixture(.softmax)
        let found = try await metrics(scenes, of: fixture)
        #expect(Set(found.keys) == ["top1", "top5", "class_mean_top1", "images"])
        #expect(found["images"] == 20 && found["top5"] == 1)
        #expect(try await metrics(scenes, of: fixture) == found)
        #expect(try await metrics(scenes, of: fixture, threads: 3) == found)
        var values: Set<Double?> = []
        for seed in 2..<8 {
            var other = scenes
            other.seed = UInt64(seed)
            values.insert(try await metrics(other, of: fixture)["top1"])
        }
        #expect(values.count > 1)
    }

    @Test("the moving teacher is measured beside the student when the recipe says so")
    func teacher() async throws {
        let fixture = try await SILCFixture(
            .sigmoid,
            "evaluation.teacher=true",
            "evaluation.every=2",
            "evaluation.sets=[{name: a, kind: scenes, root: a, count: 1, size: 8}]"
        )
        let set = Recipe.EvaluationSet(name: "pairs", kind: .retrieval, table: fixture.folder("pairs.csv"))
        let found = try await metrics(set, of: fixture)
        for direction in ["image_to_text", "text_to_image"] {
            for depth in ["r1", "r5", "r10"] {
                #expect(found["\(direction).\(depth)"] != nil && found["teacher.\(direction).\(depth)"] != nil)
            }
        }
        #expect(found["images"] == 12 && found.count == 14)
    }

    @Test("labels come from a table or from folders")
    func classification() async throws {
        let fixture = try await SILCFixture()
        var table = "image,label\n"
        for index in 0..<12 { table += "\(index).png,\(index % 2 == 0 ? "an_apple" : "a bus")\n" }
        try fixture.folder.write(Array(table.utf8), to: "labels.csv")
        let set = Recipe.EvaluationSet(name: "labels", kind: .classification, table: fixture.folder("labels.csv"))
        let found = try await metrics(set, of: fixture)
        #expect(found["images"] == 12 && found["top5"] == 1)
        let folders = Recipe.EvaluationSet(name: "folders", kind: .classification, root: sprites.path)
        #expect(try await metrics(folders, of: fixture)["images"] == 3)
    }

    @Test("weights that give no numbers have no metrics, and pictures that are not there are an error")
    func failures() async throws {
        let fixture = try await SILCFixture()
        let step = try fixture.step()
        let evaluator = VersionEvaluator(step, on: fixture.backend)
        let missing = Recipe.EvaluationSet(name: "gone", kind: .classification, root: fixture.folder("nowhere"))
        await #expect(throws: (any Error).self) {
            _ = try await evaluator.metrics(of: missing, at: fixture.weights(step))
        }
        let broken = try step.weights(
            [Float](repeating: .nan, count: fixture.plan.student.count),
            teacher: fixture.plan.teacherRanges.flatMap { fixture.start[$0] }
        )
        await #expect(throws: (any Error).self) { _ = try await evaluator.metrics(of: scenes, at: broken) }
    }

    @Test("it stops between pictures when it is told to")
    func cancellation() async throws {
        let fixture = try await SILCFixture()
        let looks = Mutex(0)
        let task = Task {
            let step = try fixture.step()
            let evaluator = VersionEvaluator(step, on: fixture.backend) {
                looks.withLock { $0 += 1 }
                withUnsafeCurrentTask { $0?.cancel() }
            }
            _ = try await evaluator.metrics(of: scenes, at: fixture.weights(step))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(looks.withLock { $0 } == 1)
    }
}
