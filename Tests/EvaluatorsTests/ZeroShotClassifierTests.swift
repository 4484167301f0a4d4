import Datasets
import Evaluators
import Foundation
import Images
import Layers
import Models
import TestSupport
import Tensors
import Testing

@Suite("Zero-shot classification")
struct ZeroShotClassifierTests {
    private let folder: TemporaryDirectory
    private let backend = CPUBackend(threadCount: 1)

    /// Plain pictures in a folder a colour; one green picture lies among the red, and a broken one among the blue.
    init() throws {
        folder = try TemporaryDirectory()
        for (name, color) in zip(ColorWorld.names, ColorWorld.colors) {
            for (index, (width, height)) in [(16, 16), (40, 20), (18, 60)].enumerated() {
                let picture = Image(width: width, height: height, filledWith: color)
                try folder.write(PNGEncoder().encode(picture), to: "\(name)/\(index).png")
            }
        }
        let stray = Image(width: 20, height: 20, filledWith: ColorWorld.colors[1])
        try folder.write(PNGEncoder().encode(stray), to: "red/3.png")
        try folder.write(Array(PNGEncoder().encode(stray).prefix(60)), to: "blue/3.png")
    }

    private func classifier(batch: Int, classes: ClassEmbeddings? = nil) async throws -> ZeroShotClassifier {
        let world = try await ColorWorld([[.init(color: 0, x: 0, y: 0, side: 8)]], annotations: [])
        let tower = try VisionTransformer(ParameterScope(TreeSource(world.weights)), world.tower)
        let encoder = try PictureEncoder(tower, batch: batch, on: backend)
        return try ZeroShotClassifier(encoder, classes: classes ?? world.classes, on: backend)
    }

    @Test("every picture is named by its colour in any batch; the broken one is reported", arguments: [1, 4, 99])
    func colors(batch: Int) async throws {
        let images = try await LabelledImages.folders(below: ImageRoot(folder.path))
        let indices = try ClassMatching.classes(of: images.names, among: ColorWorld.names)
        var steps: [Int] = []
        let result = try await classifier(batch: batch).evaluate(images, classes: indices) { steps.append($0) }
        #expect((result.images, result.classes, result.choices) == (10, 3, 3))
        #expect(result.top1 == 0.9 && result.top5 == 1)
        #expect(abs(result.classMeanTop1 - (0.75 + 1 + 1) / 3) < 1e-12)
        #expect(result.confusions == [.init(label: "red", predicted: "green", images: 1)])
        #expect(result.perClass.map(\.images) == [4, 3, 3])
        #expect(result.unusable.map(\.key) == ["blue/3.png"])
        #expect(steps.last == images.labels.count && steps == Array(1...steps.count))
    }

    @Test("class embeddings of another space are refused")
    func otherSpace() async throws {
        let wrong = try ClassEmbeddings(names: ["a", "b"], vectors: [1, 0, 0, 1])
        let error = await failure { _ = try await classifier(batch: 1, classes: wrong) }
        #expect(error as? EvaluatorsError == .wrongEmbeddingSize(expected: 3, found: 2))
    }

    @Test("a picture that has gone since it was indexed is reported, not fatal; without any there is no result")
    func gone() async throws {
        let images = try await LabelledImages.folders(below: ImageRoot(folder.path))
        let indices = try ClassMatching.classes(of: images.names, among: ColorWorld.names)
        try FileManager.default.removeItem(atPath: folder("green/0.png"))
        let classifier = try await classifier(batch: 4)
        let result = try await classifier.evaluate(images, classes: indices)
        #expect(result.images == 9 && result.unusable.contains { $0.key == "green/0.png" })
        for name in ColorWorld.names { try FileManager.default.removeItem(atPath: folder(name)) }
        let error = await failure { _ = try await classifier.evaluate(images, classes: indices) }
        #expect(error.map { "\($0)".contains("no picture that can be evaluated") } == true)
    }

    private func failure(_ body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}
