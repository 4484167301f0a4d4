extension Recipe {
    /// What `evaluate regions` measures when no flag says otherwise.
    package struct Evaluation: Codable, Hashable, Sendable {
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
            annotations: String? = nil,
            root: String? = nil,
            classEmbeddings: String? = nil,
            regionsPerImage: Int = 100,
            maskAntialias: Bool = true
        ) {
            self.annotations = annotations
            self.root = root
            self.classEmbeddings = classEmbeddings
            self.regionsPerImage = regionsPerImage
            self.maskAntialias = maskAntialias
        }

        package enum CodingKeys: String, CodingKey, CaseIterable {
            case annotations, root
            case classEmbeddings = "class_embeddings"
            case regionsPerImage = "regions_per_image"
            case maskAntialias = "mask_antialias"
        }
    }
}
