package import Datasets
package import Models

extension ClassScorer {
    /// Vectors of class names in prompt templates, one a synonym.
    ///
    /// - Parameters:
    ///   - background: names of what is none of the classes; together they are the last class.
    ///   - progress: is told how many names are done.
    /// - Throws: `ModelsError.longText` for a name that does not fit whole, `EvaluatorsError.malformedClassEmbeddings` for a
    ///   name that stands there twice, `.oneClass`.
    package init(
        _ list: ClassList,
        background: [String] = [],
        templates: PromptTemplates,
        encoder: CaptionEncoder,
        scale: Double,
        batch: Int = 64,
        progress: (Int) -> Void = { _ in }
    ) throws {
        let (names, classes) = Self.rows(of: list, background: background)
        try templates.checkFit(of: names, contextLength: encoder.tower.configuration.contextLength)
        let embeddings = try ClassEmbeddings(
            names: names,
            templates: templates,
            encoder: encoder,
            batch: batch,
            progress: progress
        )
        self.init(vectors: embeddings.vectors, classes: classes, count: names.count, scale: scale)
    }
}
