import Datasets
import Evaluators
import Images
import Layers
import Models
import Tensors
import Testing

/// In the world of plain colours, where a patch's feature is the direction of its colour.
@Suite("Semantic segmenter")
struct SemanticSegmenterTests {
    private let backend = CPUBackend(threadCount: 1)
    private let tower: VisionTransformer
    /// Red, green and blue.
    private let vectors: [Float]

    init() async throws {
        let world = try await ColorWorld([[.init(color: 0, x: 0, y: 0, side: 8)]], annotations: [])
        tower = try VisionTransformer(ParameterScope(TreeSource(world.weights)), world.tower)
        vectors = try world.classes.vectors
    }

    private func segmenter(
        classes: [Int]? = nil,
        gate: ClassScorer.Gate? = nil,
        _ configuration: SemanticSegmenter.Configuration = SemanticSegmenter.Configuration()
    ) throws -> SemanticSegmenter {
        let scorer = ClassScorer(vectors: vectors, classes: classes, count: 3, scale: 100, gate: gate)
        return try SemanticSegmenter(tower, scorer: scorer, configuration, on: backend)
    }

    /// Red at the left, blue at the right, green below.
    private func picture(width: Int = 64, height: Int = 48) -> Image {
        var canvas = Canvas(width: width, height: height, color: ColorWorld.colors[0])
        canvas.fill(x: width / 2, y: 0, width: width, height: height, with: ColorWorld.colors[2])
        canvas.fill(x: 0, y: height * 3 / 4, width: width, height: height, with: ColorWorld.colors[1])
        return canvas.image
    }

    /// What the picture shows at a pixel; nil near an edge between two colours.
    private func truth(_ x: Int, _ y: Int, width: Int = 64, height: Int = 48) -> UInt8? {
        if abs(y - height * 3 / 4) < 5 { return nil }
        if y > height * 3 / 4 { return 1 }
        return abs(x - width / 2) < 5 ? nil : (x < width / 2 ? 0 : 2)
    }

    private func errors(_ labels: LabelMap, map: (UInt8) -> UInt8 = { $0 }) -> Int {
        var errors = 0
        for y in 0..<labels.height {
            for x in 0..<labels.width {
                guard let truth = truth(x, y, width: labels.width, height: labels.height) else { continue }
                errors += labels[x, y] == map(truth) ? 0 : 1
            }
        }
        return errors
    }

    @Test(
        "every pixel away from edges gets its colour's class, by every rule and in windows",
        arguments: ["whole", "short:48", "short:33", "long:90", "short:64,80"],
        [nil, 16, 32]
    )
    func colors(size: String, side: Int?) throws {
        var configuration = SemanticSegmenter.Configuration()
        configuration.size = try #require(SegmentationSize(size))
        configuration.window = try side.map { try SlidingWindow(side: $0, stride: $0 * 3 / 4, patchSize: 4) }
        let result = try segmenter(configuration).segment(picture(width: 64, height: 48))
        #expect(result.labels.width == 64 && result.labels.height == 48)
        #expect(errors(result.labels) == 0)
        #expect(result.gates == nil && result.deadCells == 0)
    }

    @Test("sides that do not divide into patches are padded, and the padding shows nowhere")
    func odd() throws {
        var configuration = SemanticSegmenter.Configuration()
        configuration.size = .shortSide(53, limit: nil)
        let result = try segmenter(configuration).segment(picture(width: 71, height: 53))
        #expect(result.viewWidth == 71 && result.viewHeight == 53)
        #expect(result.grid == Grid(rows: 14, columns: 18))
        #expect(result.labels.width == 71 && result.labels.height == 53)
        #expect(errors(result.labels) == 0)
    }

    @Test("whether a picture can be segmented is known from its size")
    func sizes() throws {
        var configuration = SemanticSegmenter.Configuration()
        #expect(try segmenter(configuration).refusal(width: 1, height: 5000) == .tinyPicture(width: 1, height: 5000))
        #expect(try segmenter(configuration).refusal(width: 5000, height: 7) == .tinyPicture(width: 5000, height: 7))
        #expect(try segmenter(configuration).refusal(width: 8, height: 5000) == nil)
        configuration.size = .shortSide(512, limit: 2048)
        #expect(try segmenter(configuration).refusal(width: 8, height: 8000) == nil)
        configuration.size = .shortSide(512, limit: nil)
        let strip = EvaluatorsError.largeView(
            width: 8,
            height: 5000,
            rule: "short:512",
            viewWidth: 512,
            viewHeight: 320_000
        )
        #expect(try segmenter(configuration).refusal(width: 8, height: 5000) == strip)
        #expect(throws: strip) {
            try segmenter(configuration).segment(Image(width: 8, height: 5000, filledWith: .white))
        }
        // Windows show a part at a time, but the maps of the whole must fit as well.
        configuration.window = try SlidingWindow(side: 64, stride: 64, patchSize: 4)
        #expect(try segmenter(configuration).refusal(width: 8, height: 5000) == strip)
        #expect(try segmenter(configuration).refusal(width: 40, height: 5000) == nil)
    }

    @Test("of equal scores the first class is taken, and patches without direction are counted")
    func ties() throws {
        let white = Image(width: 16, height: 16, filledWith: Color(0x7B7468))
        let blank = try segmenter().segment(white)
        #expect(Set(blank.labels.values).count == 1)
        let scorer = ClassScorer(vectors: vectors + vectors, count: 6, scale: 100)
        let twice = try SemanticSegmenter(tower, scorer: scorer, on: backend).segment(picture())
        #expect(errors(twice.labels) == 0)
    }

    @Test("a class with synonyms has the score of the best")
    func synonyms() throws {
        // Red and green are names of class 0.
        let result = try segmenter(classes: [0, 0, 1]).segment(picture())
        #expect(errors(result.labels) { $0 == 2 ? 1 : 0 } == 0)
    }

    @Test("background is the last class, or where nothing is probable")
    func background() throws {
        var configuration = SemanticSegmenter.Configuration(background: .lastClass)
        let last = try segmenter(configuration).segment(picture())
        #expect(errors(last.labels) { $0 == 2 ? LabelMap.void : $0 } == 0)
        configuration.background = .threshold(0.9)
        let sure = try segmenter(configuration).segment(picture())
        #expect(errors(sure.labels) == 0)
        // Two classes of one direction share what is red: each has half of the probability.
        let scorer = ClassScorer(vectors: Array(vectors[..<3] + vectors), count: 4, scale: 100)
        let red = Image(width: 16, height: 16, filledWith: ColorWorld.colors[0])
        for (least, expected) in [(0.6, LabelMap.void), (0.4, 0)] {
            configuration.background = .threshold(least)
            let segmenter = try SemanticSegmenter(tower, scorer: scorer, configuration, on: backend)
            #expect(try segmenter.segment(red).labels.values.allSatisfy { $0 == expected })
        }
    }

    @Test("a gate lowers a class that the picture as a whole does not show, also in windows", arguments: [nil, 16])
    func gate(side: Int?) throws {
        var configuration = SemanticSegmenter.Configuration()
        configuration.window = try side.map { try SlidingWindow(side: $0, stride: 8, patchSize: 4) }
        // The global prompt says the opposite of blue to blue, so nothing in the picture is like it as a whole.
        var global = vectors
        for index in 6..<9 { global[index] = -vectors[index] * 10 }
        let gate = ClassScorer.Gate(vectors: global, temperature: 0.01)
        let blue = Image(width: 32, height: 32, filledWith: ColorWorld.colors[2])
        let open = try segmenter(configuration).segment(blue)
        let gated = try segmenter(gate: gate, configuration).segment(blue)
        #expect(open.labels.values.allSatisfy { $0 == 2 })
        #expect(gated.labels.values.allSatisfy { $0 != 2 })
        let gates = try #require(gated.gates)
        #expect(gates.count == 3 && gates[2] < 1e-30)
    }

    @Test("denoising leaves out classes that are nowhere likely; smoothing gives a place its likes' class")
    func refinement() throws {
        for smoothing in [nil] + KeySmoothing.allCases.map(Optional.some) {
            var configuration = SemanticSegmenter.Configuration(denoisesPrompts: true)
            configuration.keySmoothing = smoothing
            let result = try segmenter(configuration).segment(picture())
            if smoothing == nil { #expect(errors(result.labels) == 0) }
            #expect(result.labels.values.allSatisfy { $0 < 3 })
        }
        // A red picture with one faintly blue patch: blue is nowhere likely, so the patch cannot get it.
        var canvas = Canvas(width: 32, height: 32, color: ColorWorld.colors[0])
        canvas.fill(x: 8, y: 8, width: 4, height: 4, with: Color(0xF000F1))
        let plain = try segmenter().segment(canvas.image).labels
        let denoised = try segmenter(SemanticSegmenter.Configuration(denoisesPrompts: true)).segment(canvas.image)
            .labels
        #expect(Set(plain.values).isSuperset(of: Set(denoised.values)))
    }

    @Test("a text's similarity is greatest where its colour is")
    func similarity() throws {
        let map = try segmenter().similarity(picture(), to: Array(vectors[6..<9]))
        #expect(map.count == 64 * 48)
        #expect(map[10 * 64 + 60] > 0.9)
        #expect(map[10 * 64 + 5] < 0.2)
    }

    @Test("what cannot be segmented is refused with a reason")
    func refusals() throws {
        #expect(throws: EvaluatorsError.tinyPicture(width: 1, height: 5000)) {
            try segmenter().segment(Image(width: 1, height: 5000, filledWith: .white))
        }
        let one = ClassScorer(vectors: Array(vectors[..<3]), count: 1, scale: 100)
        #expect(throws: EvaluatorsError.self) { try SemanticSegmenter(tower, scorer: one, on: backend) }
        let small = ClassScorer(vectors: [1, 0, 0, 1], count: 2, scale: 100)
        #expect(throws: EvaluatorsError.wrongEmbeddingSize(expected: 3, found: 2)) {
            try SemanticSegmenter(tower, scorer: small, on: backend)
        }
        let window = try SlidingWindow(side: 16, stride: 8, patchSize: 4)
        for configuration in [
            SemanticSegmenter.Configuration(window: window, denoisesPrompts: true),
            SemanticSegmenter.Configuration(window: window, keySmoothing: .cosine),
            SemanticSegmenter.Configuration(background: .threshold(0.5), keySmoothing: .cosine),
        ] {
            #expect(throws: EvaluatorsError.self) { try segmenter(configuration) }
        }
    }
}
