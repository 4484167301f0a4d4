package import Checkpoints
package import Datasets

extension MVPSEGPlus {
    /// Who teaches the student once prompts no longer do.
    package enum SelfTeacher: String, Codable, Sendable, CaseIterable {
        /// The student as it is at that update, as in MaskCLIP+.
        case student
        /// Its moving average.
        case average
    }

    /// What a recipe says under `objective` with `kind: mvpseg-plus`; defaults stand in
    /// `Configs/recipes/defaults/mvpseg-plus.yaml`.
    package struct Configuration: Codable, Hashable, Sendable {
        /// The run whose prompts teach, as `RUN` or `RUN@VERSION`; a run's creation writes the version down.
        package var parent: String?
        /// Or a file of prompts.
        package var prompts: String?
        /// The class list itself, a class a line, that labels speak of; empty for the parent's, or the dataset's.
        package var classes: String
        /// Names of the classes that training must not see, in place of those that the list marks; empty for the list's.
        package var unseen: [String]
        /// The class whose vector is learned, as no words describe it: background, where pixels of it are labelled.
        package var learnedClass: String?
        /// Channels within the decoder.
        package var decoderWidth: Int
        /// σ at the start, by which cosines become logits; nil for CLIP's 100.
        package var initialScale: Double?
        /// Blocks of the image tower that train, counted from its end.
        package var unfreezeBlocks: Int
        /// Share of the run's updates in which prompts make the pseudo labels; then the student does.
        package var guidedFraction: Double
        /// Whether the prompts' gate takes part in that, where they have one.
        package var isGated: Bool
        /// Probability below which a pixel gets no pseudo label; 0 for none.
        package var confidence: Double
        /// Who makes the pseudo labels behind the guided updates.
        package var selfTeacher: SelfTeacher
        /// Of the student's average, for `averageReferenceBatch` samples, where that teaches.
        package var averageMomentum: Double
        package var averageReferenceBatch: Int
        /// Side of the square that a cut of a picture is brought to, in pixels.
        package var viewSize: Int
        /// Smallest side of the cut, as a share of the picture's shorter side.
        package var leastCrop: Double
        /// Probability of the mirrored view.
        package var flip: Double
        /// Samples in one graph; it bounds memory.
        package var studentBatch: Int

        // MARK: What a run's creation fills in

        /// SHA-256 of the prompts' file content.
        package var promptsDigest: Digest?
        /// SHA-256 of the encoder, `EncoderDigest`, that prompts and student belong to.
        package var encoder: Digest?
        /// How dense features are read off the image tower, by name: as the prompts were trained.
        package var readout: String?
        /// γ of the prompts' gate.
        package var gateSharpness: Double?

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case parent, prompts, classes, unseen, confidence, flip, encoder, readout
            case learnedClass = "learned_class"
            case decoderWidth = "decoder_width"
            case initialScale = "initial_scale"
            case unfreezeBlocks = "unfreeze_blocks"
            case guidedFraction = "guided_fraction"
            case isGated = "gate"
            case selfTeacher = "self_teacher"
            case averageMomentum = "average_momentum"
            case averageReferenceBatch = "average_reference_batch"
            case viewSize = "view_size"
            case leastCrop = "least_crop"
            case studentBatch = "student_batch"
            case promptsDigest = "prompts_sha256"
            case gateSharpness = "gate_sharpness"
        }

        package init(
            parent: String? = nil,
            prompts: String? = nil,
            classes: String = "",
            unseen: [String] = [],
            learnedClass: String? = nil,
            decoderWidth: Int = 256,
            initialScale: Double? = nil,
            unfreezeBlocks: Int = 0,
            guidedFraction: Double = 0.1,
            isGated: Bool = true,
            confidence: Double = 0,
            selfTeacher: SelfTeacher = .student,
            averageMomentum: Double = 0.99,
            averageReferenceBatch: Int = 16,
            viewSize: Int = 512,
            leastCrop: Double = 0.5,
            flip: Double = 0.5,
            studentBatch: Int = 4,
            promptsDigest: Digest? = nil,
            encoder: Digest? = nil,
            readout: String? = nil,
            gateSharpness: Double? = nil
        ) {
            (self.parent, self.prompts) = (parent, prompts)
            (self.classes, self.unseen, self.learnedClass) = (classes, unseen, learnedClass)
            (self.decoderWidth, self.unfreezeBlocks) = (decoderWidth, unfreezeBlocks)
            self.initialScale = initialScale
            (self.guidedFraction, self.isGated, self.confidence) = (guidedFraction, isGated, confidence)
            self.selfTeacher = selfTeacher
            (self.averageMomentum, self.averageReferenceBatch) = (averageMomentum, averageReferenceBatch)
            (self.viewSize, self.leastCrop, self.flip) = (viewSize, leastCrop, flip)
            self.studentBatch = studentBatch
            (self.promptsDigest, self.encoder) = (promptsDigest, encoder)
            (self.readout, self.gateSharpness) = (readout, gateSharpness)
        }

        /// The classes with the unseen ones marked.
        ///
        /// - Throws: `DatasetError.invalidClassList`, also for an unseen name that no class bears.
        package func classList() throws(DatasetError) -> ClassList {
            let list = try ClassList(text: classes, source: "objective.classes")
            return unseen.isEmpty ? list : try list.marking(unseen: unseen, source: "objective.unseen")
        }
    }
}
