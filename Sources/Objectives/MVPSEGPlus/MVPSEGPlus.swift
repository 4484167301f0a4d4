package import Datasets
import Foundation
package import Layers
package import Models
import Tensors

/// Teaches an image tower and a small decoder to segment, by the labels of seen classes and by pseudo labels of unseen ones.
///
/// Its classifier is what learned prompts make of class names, so the student goes on to name any class. At first the prompts
/// say what withheld pixels show, later the student itself does; pixels of seen classes keep their labels throughout.
/// - SeeAlso: Guo et al. 2023, "MVP-SEG: Multi-View Prompt Learning for Open-Vocabulary Semantic Segmentation",
///   arXiv:2304.06957; Zhou et al. 2022 (MaskCLIP+), arXiv:2112.01071, whose two phases these are.
package struct MVPSEGPlus: Objective {
    package let configuration: Configuration
    package let vision: VisionTransformer.Configuration
    package let classes: ClassList
    /// Updates, from the first of the run, in which prompts make the pseudo labels.
    package let guidedUpdates: Int
    let readout: DenseReadout
    /// γ; nil where no gate takes part.
    let gateSharpness: Double?
    let pseudoLabels: PseudoLabels
    /// Place of the class that learns its vector; nil where all have words.
    package let learnedClass: Int?

    /// Views of labelled pictures; the numbers of views are a closed list (`SampleSeed`).
    static let labelledView = 251

    /// - Parameter updates: planned for the run, of which a share is guided.
    /// - Throws: `SettingProblems` when the settings do not suit the model, or no run's creation has completed them.
    package init(_ configuration: Configuration, model: ModelConfiguration, updates: Int) throws {
        let problems =
            configuration.problems(under: "objective", for: model) + configuration.unboundProblems(under: "objective")
        guard problems.isEmpty else { throw SettingProblems(problems) }
        self.configuration = configuration
        vision = model.vision
        classes = try configuration.classList()
        readout = try DenseReadout(configuration.readout ?? MVPSEG.readouts[0])
        gateSharpness = configuration.isGated ? configuration.gateSharpness : nil
        learnedClass = configuration.learnedClass.flatMap(classes.id(of:))
        pseudoLabels = PseudoLabels(unseen: classes.unseen, confidence: configuration.confidence)
        guidedUpdates = Self.guidedUpdates(fraction: configuration.guidedFraction, of: updates)
    }

    /// ⌈fraction · updates⌉, where a product that is whole but for rounding counts as whole.
    static func guidedUpdates(fraction: Double, of updates: Int) -> Int {
        max(0, Int((fraction * Double(updates) - 1e-6).rounded(.up)))
    }

    /// - Parameter update: counted from 0 over the run, as jobs carry it; nothing else decides.
    package func isGuided(update: Int) -> Bool { update < guidedUpdates }

    /// Whether the encoder that prompts belong to is another than the student's, once that has trained.
    var movesTower: Bool { configuration.unfreezeBlocks > 0 }

    package var unit: LossUnit { .images }
    package var teacherPolicy: TeacherPolicy { averages ? .movingAverage : movesTower ? .frozen : .none }

    /// Whether the student's moving average teaches behind the guided updates.
    var averages: Bool { configuration.selfTeacher == .average }

    package var teacherMomentum: TeacherMomentum? {
        guard averages else { return nil }
        return TeacherMomentum(
            reference: configuration.averageMomentum,
            referenceBatch: Double(configuration.averageReferenceBatch),
            isCapped: true
        )
    }

    package var samplesPerGraph: Int { configuration.studentBatch }
    package func maximumUnits(samples: Int) -> Int { samples }

    // MARK: Parameters

    package func readParameters(_ scope: ParameterScope) throws {
        _ = try Parts(self, scope)
    }

    package func trainableLayout() throws -> ParameterLayout {
        let tower = try VisionTransformer.trainableLayout(of: vision, unlockedGroups: configuration.unfreezeBlocks)
        let own = try DenseDecoder.parameters(of: decoder).map(ParameterSlice.init)
        return try ParameterLayout(tower.slices + own)
    }

    package func isAuxiliary(_ path: String) -> Bool {
        [DenseDecoder.scope, ClassVectors.scope, MVPSEG.Prompts.scope].contains { path.hasPrefix($0 + ".") }
    }

    /// σ from 10 to 300.
    package var parameterBounds: [ParameterBounds] {
        [ParameterBounds(DenseDecoder.logScalePath, Float(log(10.0))...Float(log(300.0)))]
    }

    package var decoder: DenseDecoder.Configuration {
        DenseDecoder.Configuration(
            inputs: vision.width,
            hidden: configuration.decoderWidth,
            embeddingSize: vision.embeddingSize,
            learnsVector: learnedClass != nil
        )
    }
}
