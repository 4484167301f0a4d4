/// Why an evaluation cannot be made, or not be trusted.
package enum EvaluatorsError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformedClassEmbeddings(file: String, reason: String)
    case malformedTemplates(source: String, reason: String)
    /// The embeddings come from a model with another joint space.
    case wrongEmbeddingSize(expected: Int, found: Int)
    /// Classes of the annotation file that no embedding bears.
    case unknownClasses([String])
    /// Not one region could be looked at.
    case noRegions(dataset: String)
    case studentSize(Int, patchSize: Int)
    /// Pictures and class embeddings do not speak of the same classes.
    case unmatchedClasses(labels: [UnmatchedName], classes: [UnmatchedName])
    /// Not one picture could be looked at; the sentence says why the first could not.
    case noPictures(dataset: String, unusable: Int, first: String?)
    /// Not one picture has a caption that can be read.
    case noCaptions(dataset: String)
    /// Whole pictures are made square before they are embedded.
    case notSquare(width: Int, height: Int)
    /// A square that does not divide into patches, or steps that leave gaps.
    case unusableWindow(side: Int, stride: Int, patchSize: Int)
    /// A picture too small to be segmented.
    case tinyPicture(width: Int, height: Int)
    /// A rule that makes more of a picture than any memory holds.
    case largeView(width: Int, height: Int, rule: String, viewWidth: Int, viewHeight: Int)
    /// One class and nothing that a pixel could be instead.
    case oneClass(String)
    /// What looks at the picture as a whole, together with windows.
    case needsWholePicture(String)
    /// A least probability where scores are none.
    case noProbabilities
    /// What compares patches, together with a dense student, whose vectors are no patches'.
    case refinedStudent
    /// Weights that make no numbers.
    case notFinite

    /// A name without a partner on the other side, and the one there that it may have been meant to be.
    package struct UnmatchedName: Hashable, Sendable, CustomStringConvertible {
        package let name: String
        package let nearest: String?

        package init(name: String, nearest: String? = nil) {
            self.name = name
            self.nearest = nearest
        }

        package var description: String { nearest.map { "\(name) (meant: \($0)?)" } ?? name }
    }

    package var description: String {
        switch self {
        case .malformedClassEmbeddings(let file, let reason):
            "\(file): \(reason). Class embeddings are a tensor `embeddings` [C, E] with `names` in the metadata."
        case .malformedTemplates(let source, let reason):
            "\(source): \(reason). Prompt templates are lines such as: a photo of a {}."
        case .wrongEmbeddingSize(let expected, let found):
            "The class embeddings have \(found) numbers a class, the model's space has \(expected). Make them with the "
                + "text tower of the model that is evaluated."
        case .unknownClasses(let names):
            "No embedding is named \(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? ", …" : ""). The names "
                + "must be those of the annotation file's categories."
        case .noRegions(let dataset):
            "\(dataset) has no region that can be evaluated. Check that its boxes are larger than 8 × 8 pixels and "
                + "its pictures readable."
        case .studentSize(let size, let patchSize):
            "A picture of \(size) pixels does not divide into patches of \(patchSize). Use a multiple of \(patchSize)."
        case .unmatchedClasses(let labels, let classes):
            "Pictures and class embeddings do not speak of the same classes. Labels without an embedding: "
                + "\(Self.list(labels)). Embeddings without a picture: \(Self.list(classes)). Rename one side, or make "
                + "embeddings of the labels' names; classes without pictures can be allowed (--allow-absent)."
        case .noPictures(let dataset, let unusable, let first):
            "\(dataset) has no picture that can be evaluated; \(unusable) unusable"
                + (first.map { ", the first: \($0)" } ?? ".") + " Check the image root and the files."
        case .noCaptions(let dataset):
            "\(dataset) has no picture with a caption. Name pairs, COCO captions or shards with captions."
        case .notSquare(let width, let height):
            "The model takes pictures of \(width) × \(height); whole pictures are prepared for square ones only."
        case .unusableWindow(let side, let stride, let patchSize):
            "A window of \(side) pixels every \(stride) does not work: a window is a multiple of the patch, \(patchSize) "
                + "pixels, and the stride is from 1 to the window."
        case .tinyPicture(let width, let height):
            "A picture of \(width) × \(height) pixels is too small to be segmented. Both sides must have at least "
                + "\(SemanticSegmenter.smallestSide) pixels."
        case .largeView(let width, let height, let rule, let viewWidth, let viewHeight):
            "Sized by \(rule), a picture of \(width) × \(height) pixels would be shown with \(viewWidth) × \(viewHeight), more "
                + "than fits. Limit the longest side as well (short:512,2048 or long:520), or show it in windows."
        case .oneClass(let name):
            "\"\(name)\" is the only class, so every pixel would get it. Name what else is in the picture (other things, or "
                + "stuff such as wall, floor, sky, grass), or say what is background: by names or by a threshold."
        case .needsWholePicture(let what):
            "\(what) compares places of the whole picture, which windows do not show. Leave one of them out."
        case .refinedStudent:
            "Prompt denoising and key smoothing compare what patches say by themselves, and a dense student says more. Leave "
                + "them out, or segment by the student's prompts alone."
        case .noProbabilities:
            "Smoothed scores are no probabilities, so no threshold can be put on them. Leave key smoothing out, or name "
                + "the background."
        case .notFinite:
            "The image tower's features are not finite numbers. Check the weights: `stillhouse weights inspect`."
        }
    }

    private static func list(_ names: [UnmatchedName]) -> String {
        if names.isEmpty { return "none" }
        let shown = names.prefix(10).map { "\($0)" }.joined(separator: ", ")
        return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
    }
}
