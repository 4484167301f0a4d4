extension Recipe {
    /// What `evaluate regions` measures when no flag says otherwise, and what workers measure in the course of a run.
    package struct Evaluation: Codable, Hashable, Sendable {
        /// Every so many versions, and the last one, have the evaluations in `sets`; 0 for none at all.
        package var every: Int
        /// Whether the moving teacher is measured beside the student.
        package var teacher: Bool
        package var sets: [EvaluationSet]
        /// Held-out COCO JSON and the root of its images; null where the recipe names no such set.
        package var annotations: String?
        package var root: String?
        /// Safetensors file with `embeddings` [C, E] and `names`; null leaves classification out.
        package var classEmbeddings: String?
        /// Largest number of annotations of one image that are looked at.
        package var regionsPerImage: Int
        /// Antialias the mask when it shrinks to the feature grid, as torchvision does from 0.17 on.
        package var maskAntialias: Bool

        package init(
            every: Int = 0,
            teacher: Bool = false,
            sets: [EvaluationSet] = [],
            annotations: String? = nil,
            root: String? = nil,
            classEmbeddings: String? = nil,
            regionsPerImage: Int = 100,
            maskAntialias: Bool = true
        ) {
            (self.every, self.teacher, self.sets) = (every, teacher, sets)
            self.annotations = annotations
            self.root = root
            self.classEmbeddings = classEmbeddings
            self.regionsPerImage = regionsPerImage
            self.maskAntialias = maskAntialias
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            every = try values.decodeIfPresent(Int.self, forKey: .every) ?? 0
            teacher = try values.decodeIfPresent(Bool.self, forKey: .teacher) ?? false
            sets = try values.decodeIfPresent([EvaluationSet].self, forKey: .sets) ?? []
            annotations = try values.decodeIfPresent(String.self, forKey: .annotations)
            root = try values.decodeIfPresent(String.self, forKey: .root)
            classEmbeddings = try values.decodeIfPresent(String.self, forKey: .classEmbeddings)
            regionsPerImage = try values.decode(Int.self, forKey: .regionsPerImage)
            maskAntialias = try values.decode(Bool.self, forKey: .maskAntialias)
        }

        package func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            // What is not asked for is left out, so that recipes from before it existed keep their fingerprint.
            if every != 0 { try values.encode(every, forKey: .every) }
            if teacher { try values.encode(teacher, forKey: .teacher) }
            if !sets.isEmpty { try values.encode(sets, forKey: .sets) }
            try values.encodeIfPresent(annotations, forKey: .annotations)
            try values.encodeIfPresent(root, forKey: .root)
            try values.encodeIfPresent(classEmbeddings, forKey: .classEmbeddings)
            try values.encode(regionsPerImage, forKey: .regionsPerImage)
            try values.encode(maskAntialias, forKey: .maskAntialias)
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case every, teacher, sets, annotations, root
            case classEmbeddings = "class_embeddings"
            case regionsPerImage = "regions_per_image"
            case maskAntialias = "mask_antialias"
        }
    }
}
