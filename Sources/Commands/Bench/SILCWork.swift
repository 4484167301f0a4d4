import Datasets
import Images
import Layers
import Models
import Objectives
import OrderedCollections
import Tensors

/// A SILC step from views to the flat gradient, as a worker computes it: eight pairs, each with two large and eight small
/// views and a caption that fills the context; the teacher sees the large views.
final class SILCWork: PreparedWork {
    private static let pairs = 8

    private let objective: SILC
    private let student: ParameterTree
    private let teacher: ParameterTree
    private let layout: ParameterLayout
    private let views: [SILC.Views]
    private let backend: any Backend

    /// - Parameter size: side of the large views; that of the small ones is three sevenths of it, as 96 is of 224.
    init(_ model: ModelConfiguration, size: Int, on backend: any Backend) throws {
        let patch = model.vision.patchSize
        var settings = ViewSettings()
        settings.global.size = size
        settings.local.size = max(1, size / patch * 3 / 7) * patch
        let objective = try SILC(
            SILC.Configuration(contrastive: .softmax, studentBatch: Self.pairs, views: settings),
            model: model,
            contrastiveBatch: Self.pairs
        )
        let source = RecordingSource(InitializingSource(seed: 1, on: backend))
        try objective.readParameters(ParameterScope(source))
        student = source.tree
        layout = try objective.trainableLayout()
        let taught = try objective.teacherLayout(of: layout)
        // Equal numbers in memory of their own: after one update of a run they differ.
        teacher = ParameterTree(
            tensors: student.tensors.filter { taught.paths.contains($0.key) }
                .mapValues { Tensor(backend.copied($0.value)) }
        )
        views = (0..<Self.pairs).map { Self.views(of: $0, settings, context: objective.model.text.contextLength) }
        self.objective = objective
        self.backend = backend
    }

    func repetition() throws {
        let shown = views.flatMap { objective.teacherViews(of: $0, [0, 1]) }
        let targets = try objective.targets(of: shown, teacher: teacher, on: backend)
        let context = LossContext(centre: [Float](repeating: 0, count: objective.centreSize))
        let differentiation = try ValueAndGradient(student, trains: layout)
        var gradient = [Float](zeros: layout.count)
        try differentiation(addingTo: &gradient) {
            let loss = try objective.loss(
                of: views,
                targets: targets,
                in: context,
                student: differentiation.parameters,
                on: backend
            )
            return loss.total ?? Tensor.zeros([], on: backend)
        }
    }

    /// Noise in place of crops, whose cost is no part of this, and a caption without an early end.
    private static func views(of pair: Int, _ settings: ViewSettings, context: Int) -> SILC.Views {
        let generator = RandomGenerator(run: 4, epoch: 0, sample: UInt64(pair), view: 0)
        func level(_ place: Int) -> UInt8 { UInt8(255 * generator.uniform(at: place)) }
        let stored = Image(width: settings.global.size, height: settings.global.size) { level($0) }
        let seed = SampleSeed(run: 4, epoch: 0, sample: Int64(pair))
        let pictures = ViewSampler(settings).views(of: stored, seed: seed, kinds: [.global, .local])
        let words = (1..<context - 1).map { Int32(1000 * generator.uniform(at: $0)) + 1 }
        return SILC.Views(
            sample: Int64(pair),
            pictures: pictures,
            caption: "",
            tokens: [49_406] + words + [49_407],
            mark: PeerRows.Mark(image: UInt64(pair), caption: UInt64(pair))
        )
    }
}

extension Image {
    fileprivate init(width: Int, height: Int, level: (Int) -> UInt8) {
        self.init(width: width, height: height, pixels: (0..<width * height * 3).map(level))
    }
}
