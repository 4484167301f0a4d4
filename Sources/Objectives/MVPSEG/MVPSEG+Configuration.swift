package import Checkpoints
package import Datasets
import Models

extension MVPSEG {
    /// What a recipe says under `objective` with `kind: mvpseg`; defaults stand in `Configs/recipes/defaults/mvpseg.yaml`.
    package struct Configuration: Codable, Hashable, Sendable {
        /// The class list itself, a class a line, that labels speak of. A recipe names a shipped list or a file, whose text takes
        /// its place here, or nothing: then it is the dataset's.
        package var classes: String
        /// Names of the classes that training must not see, in place of those that the list marks; empty for the list's.
        package var unseen: [String]
        /// k, the segmentation prompts beside the global one.
        package var prompts: Int
        /// N, the learned vectors of a prompt.
        package var contexts: Int
        /// Words with whose token embeddings the contexts start, as many tokens as there are contexts; nil for random ones.
        package var initialWords: String?
        /// Of the random start, and of what tells prompts apart that start from the same words.
        package var initialDeviation: Double
        /// k·τ₁ at the start, by which cosines become logits; nil for CLIP's 100.
        package var initialScale: Double?
        /// λ₁, λ₂ and λ₃
        package var segmentationWeight: Double
        package var classificationWeight: Double
        package var orthogonalityWeight: Double
        /// Whether the global prompt's gate takes part.
        package var isGated: Bool
        package var classification: MaskLoss.Classification
        /// γ, of the softmax that pools the patches for the gate.
        package var gateSharpness: Double
        /// How dense features are read off the image tower, by name.
        package var readout: String
        /// Side of the square that is cut out of a picture, in pixels.
        package var viewSize: Int
        /// What has a label, and a loss; nil for `down`.
        package var labels: LabelResolution?
        /// Probability of the mirrored view.
        package var flip: Double
        /// One view of a picture for the whole run, plain and mirrored, whose features a worker keeps; else a new one each
        /// time.
        package var cachesFeatures: Bool
        /// Of the published average of the prompts, for `averageReferenceBatch` samples.
        package var averageMomentum: Double
        package var averageReferenceBatch: Int
        /// Samples in one graph, which pays for the text tower once.
        package var studentBatch: Int
        /// Classes in one pass of the text tower.
        package var classBatch: Int
        /// Computes once what the classes of a prompt have in common. The same up to rounding.
        package var sharesPrefix: Bool
        /// SHA-256 of the frozen encoder, `EncoderDigest`; a run's creation fills it in, and refuses other weights.
        package var encoder: Digest?

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case classes, unseen, prompts, contexts, classification, readout, labels, flip, encoder
            case initialWords = "initial_words"
            case initialDeviation = "initial_deviation"
            case initialScale = "initial_scale"
            case segmentationWeight = "segmentation_weight"
            case classificationWeight = "classification_weight"
            case orthogonalityWeight = "orthogonality_weight"
            case isGated = "gate"
            case gateSharpness = "gate_sharpness"
            case viewSize = "view_size"
            case cachesFeatures = "cache_features"
            case averageMomentum = "average_momentum"
            case averageReferenceBatch = "average_reference_batch"
            case studentBatch = "student_batch"
            case classBatch = "class_batch"
            case sharesPrefix = "share_prefix"
        }

        package init(
            classes: String,
            unseen: [String] = [],
            prompts: Int = 3,
            contexts: Int = 16,
            initialWords: String? = nil,
            initialDeviation: Double = 0.02,
            initialScale: Double? = nil,
            segmentationWeight: Double = 1,
            classificationWeight: Double = 1,
            orthogonalityWeight: Double = 1,
            isGated: Bool = true,
            classification: MaskLoss.Classification = .bce,
            gateSharpness: Double = 100,
            readout: String = MVPSEG.readouts[0],
            viewSize: Int = 512,
            labels: LabelResolution? = nil,
            flip: Double = 0.5,
            cachesFeatures: Bool = true,
            averageMomentum: Double = 0.99,
            averageReferenceBatch: Int = 32,
            studentBatch: Int = 32,
            classBatch: Int = 64,
            sharesPrefix: Bool = true,
            encoder: Digest? = nil
        ) {
            (self.classes, self.unseen) = (classes, unseen)
            (self.prompts, self.contexts) = (prompts, contexts)
            (self.initialWords, self.initialDeviation) = (initialWords, initialDeviation)
            self.initialScale = initialScale
            self.segmentationWeight = segmentationWeight
            self.classificationWeight = classificationWeight
            self.orthogonalityWeight = orthogonalityWeight
            (self.isGated, self.classification, self.gateSharpness) = (isGated, classification, gateSharpness)
            (self.readout, self.viewSize, self.flip) = (readout, viewSize, flip)
            self.labels = labels
            self.cachesFeatures = cachesFeatures
            (self.averageMomentum, self.averageReferenceBatch) = (averageMomentum, averageReferenceBatch)
            (self.studentBatch, self.classBatch, self.sharesPrefix) = (studentBatch, classBatch, sharesPrefix)
            self.encoder = encoder
        }

        /// The classes with the unseen ones marked.
        ///
        /// - Throws: `DatasetError.invalidClassList`, also for an unseen name that no class bears.
        package func classList() throws(DatasetError) -> ClassList {
            let list = try ClassList(text: classes, source: "objective.classes")
            return unseen.isEmpty ? list : try list.marking(unseen: unseen, source: "objective.unseen")
        }
    }

    /// What of a view has a label.
    package enum LabelResolution: String, Codable, Sendable, CaseIterable {
        /// Each patch, by majority.
        case down
        /// Each pixel, with logits brought up to it bilinearly.
        case up
    }

    /// The dense read-outs that prompts can be trained for.
    package static let readouts = DenseReadout.Name.allCases.map(\.rawValue)
}
