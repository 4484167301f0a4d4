package import Models

extension ClassEmbeddings {
    /// Embeds class names in all templates: for each class the mean of its prompts' unit vectors, of length 1 again.
    ///
    /// - Parameter progress: is told how many classes are done.
    /// - Throws: `ModelsError.emptyText` for a prompt without words, `EvaluatorsError.malformedClassEmbeddings` for no
    ///   names, one that stands there twice, or prompts that cancel each other out.
    /// - SeeAlso: Radford et al. 2021, arXiv:2103.00020, section 3.1.4.
    package init(
        names: [String],
        templates: PromptTemplates,
        encoder: CaptionEncoder,
        batch: Int = 64,
        progress: (Int) -> Void = { _ in }
    ) throws {
        let size = encoder.tower.configuration.embeddingSize
        var vectors: [Float] = []
        for (index, name) in names.enumerated() {
            let prompts = try encoder.vectors(of: templates.prompts(for: name), batch: batch)
            for column in 0..<size {
                let sum = stride(from: column, to: prompts.count, by: size).reduce(0.0) { $0 + Double(prompts[$1]) }
                vectors.append(Float(sum / Double(templates.count)))
            }
            progress(index + 1)
        }
        try self.init(names: names, vectors: vectors)
    }
}
