import Checkpoints
import Layers
import Models
import OrderedCollections
import Tensors

/// A model with both towers' weights, wherever they come from.
struct MeasuredWeights {
    /// Where weights come from, as a result tells it.
    struct Origin: Encodable {
        var file: String?
        var run: String?
        var version: Int?
        var role: String?
        /// Share of the student in what was trained.
        var alpha: Double?

        var text: String {
            if let file { return file }
            var text = "run \(run ?? ""), version \(version ?? 0), \(role ?? "")"
            if let alpha, alpha != 1 { text += ", alpha \(alpha)" }
            return text
        }
    }

    let model: ModelConfiguration
    let origin: Origin
    let backend: any Backend
    /// What the run trains, where it is prompts for these weights.
    let prompts: SegmentationPrompts?
    /// What the run trains, where it is a dense student of these weights.
    let student: DenseStudent?
    private let checkpoint: Checkpoint

    /// - Parameter checkpoint: in the native layout.
    init(
        _ checkpoint: Checkpoint,
        of model: ModelConfiguration,
        prompts: SegmentationPrompts? = nil,
        student: DenseStudent? = nil,
        from origin: Origin,
        on backend: any Backend
    ) {
        self.checkpoint = checkpoint
        self.prompts = prompts
        self.student = student
        self.model = model
        self.origin = origin
        self.backend = backend
    }

    /// Loads strictly: any missing, surplus or misshapen key of the tower is an error.
    ///
    /// - Parameters:
    ///   - student: whose own tensors take the place of the weights'; nil for the run's, if it trains one.
    ///   - change: what is computed otherwise than the model file says; keys and shapes must stay.
    func imageTower(
        of student: DenseStudent? = nil,
        changing change: (inout VisionTransformer.Configuration) -> Void = { _ in }
    ) throws -> VisionTransformer {
        var configuration = model.vision
        change(&configuration)
        let wanted = try VisionTransformer.parameters(of: configuration)
        let tree = try tree(wanted, of: student ?? self.student)
        return try VisionTransformer(ParameterScope(TreeSource(tree)), configuration)
    }

    /// The parameters of the image tower, loaded as strictly.
    func imageTree() throws -> ParameterTree {
        try tree(VisionTransformer.parameters(of: model.vision), of: student)
    }

    /// Of both towers: what prompts and features are bound to.
    ///
    /// - Parameter isBegun: whether as a dense student began with them, which is what it belongs to.
    /// - Throws: as `textTower()`.
    func encoderDigest(isBegun: Bool = false) throws -> Digest {
        let text = try model.textTower()
        let wanted = try VisionTransformer.parameters(of: model.vision) + TextTransformer.parameters(of: text)
        let tree = try tree(wanted, of: isBegun ? nil : student)
        return try EncoderDigest.digest(of: tree, vision: model.vision, text: text)
    }

    /// - Throws: `ModelsError` for a model without a text tower, or weights without its parameters.
    func textTower() throws -> TextTransformer {
        let configuration = try model.textTower()
        let tree = try tree(TextTransformer.parameters(of: configuration))
        return try TextTransformer(ParameterScope(TreeSource(tree)), configuration)
    }

    private func tree(_ wanted: [Parameter], of student: DenseStudent? = nil) throws -> ParameterTree {
        var checkpoint = checkpoint
        for (path, tensor) in student?.tower ?? [:] { checkpoint.tensors[path] = tensor }
        return try ModelWeights(checkpoint, named: origin.text, for: wanted, on: backend).parameters
    }
}
