import Foundation
package import Layers
package import Models

/// Aligns pictures with captions, and teaches small cuts of a picture to say what the whole picture says.
///
/// Two losses at once: a contrastive one between each large view and the caption, and the cross entropy between what a
/// teacher, a moving average of the student, makes of the large views and what the student makes of small ones. The
/// first gives an aligned pair of towers; the second fills the patches with what the whole picture means.
/// - SeeAlso: Naeem et al. 2023, "SILC: Improving Vision Language Pretraining with Self-Distillation", arXiv:2310.13355.
package struct SILC: Objective {
    package let configuration: Configuration
    /// Both towers; temperature and bias start as the settings say.
    package let model: CLIP.Configuration
    let sampler: ViewSampler
    let tokenizer = CLIPTokenizer()

    /// - Parameter contrastiveBatch: pairs of a job or of an update, whichever compares its pairs.
    /// - Throws: `SettingProblems` when the settings do not suit the model.
    package init(_ configuration: Configuration, model: ModelConfiguration, contrastiveBatch: Int) throws {
        let problems = configuration.problems(under: "objective", for: model)
        guard problems.isEmpty else { throw SettingProblems(problems) }
        self.configuration = configuration
        var towers = try model.clip()
        let scale = configuration.initialScale ?? (configuration.contrastive == .softmax ? 1 / 0.07 : 10)
        towers.logitScale = Float(log(scale))
        // Positives start as likely as they are, so that the first updates need not learn the bias.
        let bias = configuration.initialBias ?? -log(Double(max(contrastiveBatch - 1, 1)))
        towers.logitBias = configuration.contrastive == .sigmoid ? Float(bias) : nil
        self.model = towers
        sampler = ViewSampler(configuration.views)
    }

    package var unit: LossUnit { .pairs }
    package var teacherPolicy: TeacherPolicy { configuration.distils ? .movingAverage : .none }
    package var samplesPerGraph: Int { configuration.studentBatch }
    package func maximumUnits(samples: Int) -> Int { samples }

    package var peerScope: PeerScope { configuration.negatives == .global ? .update : .job }

    // MARK: Parameters

    package func readParameters(_ scope: ParameterScope) throws {
        _ = try Towers(self, scope)
    }

    package func trainableLayout() throws -> ParameterLayout {
        try ParameterLayout(parameters())
    }

    package func isAuxiliary(_ path: String) -> Bool { path.hasPrefix(DistillationHead.scope + ".") }

    /// Image tower and head; there is one text tower, which is never averaged.
    package func teacherLayout(of student: ParameterLayout) throws -> ParameterLayout {
        guard configuration.distils else { return try ParameterLayout([ParameterSlice]()) }
        return try ParameterLayout(student.slices.filter { $0.path.hasPrefix("visual.") || isAuxiliary($0.path) })
    }

    package var teacherMomentum: TeacherMomentum? {
        guard configuration.distils else { return nil }
        return TeacherMomentum(
            reference: configuration.teacherMomentum,
            referenceBatch: Double(configuration.teacherReferenceBatch),
            isCapped: configuration.capsTeacherHorizon
        )
    }

    /// A temperature of 1/100 at least, and 1 at most, as CLIP bounds it.
    package var parameterBounds: [ParameterBounds] { [ParameterBounds("logit_scale", 0...Float(log(100.0)))] }

    /// As long as prototypes move, a young teacher's opinions chase them.
    package func holds(_ path: String, afterSamples samples: Int, of totalSamples: Int) -> Bool {
        path == DistillationHead.prototypePath && samples < heldSamples(of: totalSamples)
    }

    private func heldSamples(of totalSamples: Int) -> Int {
        configuration.prototypesHeldFor ?? min(1_280_000, totalSamples * 3 / 100)
    }

    package func collapseWatch(updates: Int, samplesPerUpdate: Int) -> CollapseWatch? {
        guard configuration.distils else { return nil }
        let held = heldSamples(of: updates * samplesPerUpdate)
        return CollapseWatch(
            prototypes: configuration.prototypes,
            updates: updates,
            heldUpdates: (held + samplesPerUpdate - 1) / samplesPerUpdate
        )
    }

    var head: DistillationHead.Configuration {
        DistillationHead.Configuration(
            inputs: model.vision.embeddingSize,
            hidden: configuration.headHidden,
            bottleneck: configuration.headBottleneck,
            prototypes: configuration.prototypes
        )
    }
}
