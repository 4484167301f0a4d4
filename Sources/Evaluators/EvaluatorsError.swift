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
        }
    }
}
