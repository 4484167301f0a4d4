import Foundation
import Models

extension SILC {
    /// What a recipe says under `objective` with `kind: silc`; defaults stand in `Configs/recipes/defaults/silc.yaml`.
    package struct Configuration: Codable, Hashable, Sendable {
        /// Which pairs are negatives of each other.
        package enum Negatives: String, Codable, Sendable, CaseIterable {
            /// Those of a job: the contrastive batch is the job's.
            case job
            /// Those of an update, exactly: its jobs publish embeddings before any of them computes a gradient.
            case global
        }

        package var contrastive: ContrastiveLoss.Kind
        package var negatives: Negatives
        /// Leaves out pairs with an equal picture or an equal caption instead of pushing them apart.
        package var masksDuplicates: Bool
        /// w_it
        package var contrastiveWeight: Double
        /// w_sd; 0 is plain contrastive training, without head, teacher and local views.
        package var distillationWeight: Double
        /// t′ at the start of a run without weights, as exp(t′); nil for 1/0.07 (softmax) or 10 (sigmoid).
        package var initialScale: Double?
        /// b at the start of a run without weights; nil for −ln(B − 1), where positives are as likely as they are.
        package var initialBias: Double?
        /// K
        package var prototypes: Int
        package var headHidden: Int
        package var headBottleneck: Int
        /// τ_s and τ_t
        package var studentTemperature: Double
        package var teacherTemperature: Double
        /// Of an update with all its samples.
        package var centreMomentum: Double
        /// Samples during which the prototypes stay as drawn; nil for the lesser of 1.28 million and 3 % of the run.
        package var prototypesHeldFor: Int?
        /// Of the teacher, for one update of `teacherReferenceBatch` samples.
        package var teacherMomentum: Double
        package var teacherReferenceBatch: Int
        /// Lets the teacher of a short run follow faster: its horizon is at most a twentieth of the updates.
        package var capsTeacherHorizon: Bool
        /// Samples in one graph. It bounds memory; results agree to rounding only between different values.
        package var studentBatch: Int
        package var views: ViewSettings

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case contrastive, negatives, views, prototypes
            case masksDuplicates = "mask_duplicates"
            case contrastiveWeight = "contrastive_weight"
            case distillationWeight = "distillation_weight"
            case initialScale = "initial_scale"
            case initialBias = "initial_bias"
            case headHidden = "head_hidden"
            case headBottleneck = "head_bottleneck"
            case studentTemperature = "student_temperature"
            case teacherTemperature = "teacher_temperature"
            case centreMomentum = "centre_momentum"
            case prototypesHeldFor = "prototypes_held_for"
            case teacherMomentum = "teacher_momentum"
            case teacherReferenceBatch = "teacher_reference_batch"
            case capsTeacherHorizon = "cap_teacher_horizon"
            case studentBatch = "student_batch"
        }

        package init(
            contrastive: ContrastiveLoss.Kind = .sigmoid,
            negatives: Negatives = .job,
            masksDuplicates: Bool = true,
            contrastiveWeight: Double = 1,
            distillationWeight: Double = 1,
            initialScale: Double? = nil,
            initialBias: Double? = nil,
            prototypes: Int = 65_536,
            headHidden: Int = 2048,
            headBottleneck: Int = 256,
            studentTemperature: Double = 0.1,
            teacherTemperature: Double = 0.04,
            centreMomentum: Double = 0.9,
            prototypesHeldFor: Int? = nil,
            teacherMomentum: Double = 0.966,
            teacherReferenceBatch: Int = 16_384,
            capsTeacherHorizon: Bool = true,
            studentBatch: Int = 8,
            views: ViewSettings = ViewSettings()
        ) {
            self.contrastive = contrastive
            self.negatives = negatives
            self.masksDuplicates = masksDuplicates
            self.contrastiveWeight = contrastiveWeight
            self.distillationWeight = distillationWeight
            self.initialScale = initialScale
            self.initialBias = initialBias
            self.prototypes = prototypes
            self.headHidden = headHidden
            self.headBottleneck = headBottleneck
            self.studentTemperature = studentTemperature
            self.teacherTemperature = teacherTemperature
            self.centreMomentum = centreMomentum
            self.prototypesHeldFor = prototypesHeldFor
            self.teacherMomentum = teacherMomentum
            self.teacherReferenceBatch = teacherReferenceBatch
            self.capsTeacherHorizon = capsTeacherHorizon
            self.studentBatch = studentBatch
            self.views = views
        }

        /// Whether there is a second loss beside the contrastive one.
        package var distils: Bool { distillationWeight > 0 }

        /// The views that captions are matched to: each has a contrastive loss of its own.
        package var textViewCount: Int { views.text == .clean ? 1 : views.global.count }
    }
}
