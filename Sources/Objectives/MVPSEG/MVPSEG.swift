package import Datasets
import Foundation
package import Layers
package import Models
import Tensors

/// Learns a few prompts by which a frozen CLIP names each patch of a picture, also of classes never trained.
///
/// k segmentation prompts are fused into one softmax over classes per cell; a global prompt says how much the picture as a
/// whole speaks for a class. Only the prompts' context vectors train, and two temperatures: both towers are constants, and
/// unseen classes are neither encoded nor labelled.
/// - SeeAlso: Guo et al. 2023, "MVP-SEG: Multi-View Prompt Learning for Open-Vocabulary Semantic Segmentation",
///   arXiv:2304.06957.
package struct MVPSEG: Objective {
    package let configuration: Configuration
    package let vision: VisionTransformer.Configuration
    package let text: TextTransformer.Configuration
    package let classes: ClassList
    /// The seen classes' names behind the contexts, in the order of their ids.
    package let names: PromptNames
    /// Of a class id its place among the seen, or −1: 256 numbers, those without a class included.
    let seenPlaces: [Int]
    package let maskLoss: MaskLoss
    package let orthogonality: OrthogonalityLoss

    /// Views of labelled pictures; the numbers of views are a closed list (`SampleSeed`).
    static let labelledView = 251

    /// - Throws: `SettingProblems` when the settings do not suit the model.
    package init(_ configuration: Configuration, model: ModelConfiguration) throws {
        var problems = configuration.problems(under: "objective", for: model)
        problems.require(
            !configuration.classes.isEmpty,
            "objective.classes",
            "",
            "the classes that the labels speak of; those of the dataset take their place when a run is created"
        )
        guard problems.isEmpty else { throw SettingProblems(problems) }
        self.configuration = configuration
        vision = model.vision
        text = try model.textTower()
        classes = try configuration.classList()
        let list = classes
        names = try PromptNames(
            list.seen.map { list.entries[$0].name },
            contexts: configuration.contexts,
            contextLength: text.contextLength
        )
        var places = [Int](repeating: -1, count: 256)
        for (place, id) in list.seen.enumerated() { places[id] = place }
        seenPlaces = places
        maskLoss = MaskLoss(
            segmentationWeight: configuration.segmentationWeight,
            classificationWeight: configuration.classificationWeight,
            classification: configuration.classification,
            isGated: configuration.isGated,
            sharpness: configuration.gateSharpness
        )
        orthogonality = OrthogonalityLoss(
            prompts: configuration.prompts,
            leading: 1,
            contexts: configuration.contexts,
            width: text.width
        )
    }

    package var unit: LossUnit { .images }
    package var teacherPolicy: TeacherPolicy { .movingAverage }
    package var targetSource: TargetSource { .frozenPart }
    package var samplesPerGraph: Int { configuration.studentBatch }
    package func maximumUnits(samples: Int) -> Int { samples }

    // MARK: Parameters

    package func readParameters(_ scope: ParameterScope) throws {
        _ = try VisionTransformer(scope, vision)
        let tower = try TextTransformer(scope, text)
        _ = try Prompts(scope, self, initialContexts: initialContexts(tower))
    }

    package func trainableLayout() throws -> ParameterLayout {
        try ParameterLayout(parameters().filter { isAuxiliary($0.path) })
    }

    package func isAuxiliary(_ path: String) -> Bool { path.hasPrefix(Prompts.scope + ".") }

    /// The average of the prompts is for those who use them; no loss ever asks it.
    package var teacherMomentum: TeacherMomentum? {
        TeacherMomentum(
            reference: configuration.averageMomentum,
            referenceBatch: Double(configuration.averageReferenceBatch),
            isCapped: false
        )
    }

    /// k·τ₁ from 10 to 300, and τ₂ from 0.02 to 1.
    package var parameterBounds: [ParameterBounds] {
        let prompts = Double(configuration.prompts)
        return [
            ParameterBounds(Prompts.logScalePath, Float(log(10 / prompts))...Float(log(300 / prompts))),
            ParameterBounds(Prompts.logTemperaturePath, Float(log(0.02))...0),
        ]
    }

    /// The token embeddings of the given words for each prompt; all but the first two, the global one and the first that
    /// segments, are moved a little, as prompts that are equal stay so.
    private func initialContexts(_ tower: TextTransformer) -> Initialization {
        let deviation = configuration.initialDeviation
        // Whoever lists shapes has no table.
        guard let words = configuration.initialWords, tower.tokenEmbedding.shape.rank == 2 else {
            return .normal(deviation: deviation)
        }
        let rows = tower.tokenEmbedding.gatheredRows(CLIPTokenizer().encode(words)).floats
        let all = (0...configuration.prompts).flatMap { _ in rows }
        return .near(all, deviation: deviation, from: 2 * rows.count)
    }

    // MARK: Orthogonality

    package var penalizedParameter: String? { Prompts.contextsPath }

    /// λ₃ · L_OC, and the cosines that it is about.
    package func penalty(of values: [Float]) -> Penalty {
        let result = orthogonality(values)
        let weight = configuration.orthogonalityWeight
        var metrics = ["orthogonality": result.loss]
        if !result.cosines.isEmpty {
            metrics["context_cosine_mean"] = result.loss / Double(result.cosines.count)
            metrics["context_cosine_maximum"] = result.cosines.reduce(0, max)
        }
        return Penalty(gradient: result.gradient.map { Float(weight * $0) }, metrics: metrics)
    }
}
