import Datasets
import Evaluators
import Foundation
import Images
import Layers
import Models
import Tensors
import TestSupport
import Testing

@Suite("Retrieval of captions and pictures")
struct RetrievalEvaluatorTests {
    private let folder: TemporaryDirectory
    private let backend = CPUBackend(threadCount: 1)
    private let captions = [
        "a red square", "a square, red", "something green", "green", "blue", "the blue one", "blue, of all colours",
        "a red square", "grey",
    ]

    init() throws { folder = try TemporaryDirectory() }

    private func model() throws -> CLIP {
        let json = """
            {"embed_dim": 10, "vision_cfg": {"image_size": 16, "patch_size": 8, "width": 64, "layers": 1},
             "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 18, "heads": 3, "layers": 2}}
            """
        let configuration = try ModelConfiguration(json: json.utf8).clip()
        return try CLIP(ParameterScope(InitializingSource(seed: 11, on: backend)), configuration)
    }

    /// Six pictures of noise with one to three captions; the last cannot be decoded.
    private func dataset(_ rows: [(String, String)]) async throws -> (DatasetScan, Dataset) {
        var generator = SeededGenerator(seed: 3)
        for index in 0..<6 {
            let pixels = (0..<24 * 17 * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
            var file = try PNGEncoder().encode(Image(width: 24, height: 17, pixels: pixels))
            if index == 5 { file.removeLast(file.count / 2) }
            try folder.write(file, to: "\(index).png")
        }
        let table = (["image\tcaption"] + rows.map { "\($0)\t\($1)" }).joined(separator: "\n")
        let path = try folder.write(Array(table.utf8), to: "pairs.tsv")
        let root = try ImageRoot(folder.path)
        let scan = try await PairsDataset(table: path, root: root).scan()
        return (scan, Dataset(index: scan.index, root: root))
    }

    @Test("recalls are those of a plain sort of both towers' own features; what cannot be used is left out")
    func recomputed() async throws {
        let owners = [0, 0, 1, 1, 2, 2, 2, 3, 4]
        let rows = zip(owners, captions).map { ("\($0).png", $1) }
        let (scan, data) = try await dataset(rows + [("5.png", "a broken one"), ("4.png", "   ")])
        let model = try model()
        let evaluator = try RetrievalEvaluator(
            pictures: PictureEncoder(model.vision, batch: 2, on: backend),
            captions: CaptionEncoder(model.text, on: backend),
            captionBatch: 4,
            on: backend
        )
        var steps: [String] = []
        let result = try await evaluator.evaluate(data, unusable: UnusablePicture.all(of: scan)) { phase, done, total in
            steps.append("\(phase) \(done)/\(total)")
        }
        #expect(steps.prefix(2) == ["pictures 0/6", "pictures 1/6"])
        #expect(steps.suffix(3) == ["captions 4/9", "captions 8/9", "captions 9/9"])
        #expect((result.images, result.captions) == (5, 9))
        #expect(result.unusable.map(\.key) == ["5.png"])

        let tokenizer = CLIPTokenizer()
        let texts = captions.map { text in
            model.text.encodeText([tokenizer.tokens(text, contextLength: 12)], on: backend).l2Normalized().floats
        }
        let encoder = try PictureEncoder(model.vision, batch: 1, on: backend)
        let pictures = try (0..<5).map { index in
            let bytes = try #require(FileManager.default.contents(atPath: folder("\(index).png")))
            return encoder.encode([try ImageDecoder.decode(bytes: [UInt8](bytes))]).floats
        }
        let scores = pictures.map { picture in
            texts.map { text in zip(picture, text).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
        }
        let imageRanks = pictures.indices.map { image -> Int? in
            let best = texts.indices.filter { owners[$0] == image }.map { scores[image][$0] }.max() ?? 0
            // Captions 0 and 7 are the same text: as near as a Float can tell.
            return 1 + texts.indices.count { owners[$0] != image && scores[image][$0] > best - 1e-7 }
        }
        let textRanks = texts.indices.map { text -> Int? in
            1 + pictures.indices.count { $0 != owners[text] && scores[$0][text] >= scores[owners[text]][text] }
        }
        #expect(result.imageToText == .init(ranks: imageRanks, gallerySize: 9))
        #expect(result.textToImage == .init(ranks: textRanks, gallerySize: 5))
    }

    @Test("a limit keeps the first captions of each picture")
    func limit() async throws {
        let rows = [("0.png", "one"), ("1.png", "two"), ("0.png", "three"), ("0.png", "four")]
        let (_, data) = try await dataset(rows)
        let model = try model()
        let evaluator = try RetrievalEvaluator(
            pictures: PictureEncoder(model.vision, on: backend),
            captions: CaptionEncoder(model.text, on: backend),
            on: backend
        )
        let result = try await evaluator.evaluate(data, captionsPerImage: 2)
        #expect((result.images, result.captions, result.skippedCaptions) == (2, 3, 1))
    }

    @Test("pictures without captions, or with such as say nothing, are no data for this", arguments: [[], [" \n"]])
    func noCaptions(captions: [String]) async throws {
        let (scan, _) = try await dataset([("0.png", "x")])
        let samples = scan.index.samples.map { sample in
            Sample(id: sample.id, key: sample.key, width: sample.width, height: sample.height, captions: captions)
        }
        let model = try model()
        let evaluator = try RetrievalEvaluator(
            pictures: PictureEncoder(model.vision, on: backend),
            captions: CaptionEncoder(model.text, on: backend),
            on: backend
        )
        let index = DatasetIndex(kind: .pairs, samples: samples)
        let data = Dataset(index: index, root: try ImageRoot(folder.path))
        do {
            _ = try await evaluator.evaluate(data)
            Issue.record("a dataset without captions is accepted")
        } catch {
            #expect(error as? EvaluatorsError == .noCaptions(dataset: folder.path))
        }
    }
}
