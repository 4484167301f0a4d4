package import Models

/// Sentences in which a class's name stands: `a photo of a {}.`
package struct PromptTemplates: Sendable, Hashable {
    /// Each with `{}` at least once.
    package let templates: [String]

    package var count: Int { templates.count }

    /// Reads one template a line; blank lines and those that begin with `#` are passed over.
    ///
    /// - Throws: `EvaluatorsError.malformedTemplates` for a line without `{}`, or when there is none.
    package init(text: String, source: String) throws(EvaluatorsError) {
        var templates: [String] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if line.hasPrefix("#") || line.allSatisfy(\.isWhitespace) { continue }
            guard line.contains("{}") else {
                let reason = "line \(index + 1), \"\(line)\", has no {} for the name"
                throw .malformedTemplates(source: source, reason: reason)
            }
            templates.append(String(line))
        }
        guard !templates.isEmpty else { throw .malformedTemplates(source: source, reason: "it has no template") }
        self.templates = templates
    }

    /// Refuses names that a text tower would not be told whole, before anything is computed.
    ///
    /// - Throws: `ModelsError.longText` for the first sentence that is too long.
    package func checkFit(of names: [String], contextLength: Int) throws(ModelsError) {
        let tokenizer = CLIPTokenizer()
        for name in names {
            for prompt in prompts(for: name) {
                // With start and end.
                let count = tokenizer.encode(prompt).count + 2
                if count > contextLength {
                    throw .longText(prompt, tokens: count, contextLength: contextLength)
                }
            }
        }
    }

    /// The sentences of one class, in the templates' order.
    package func prompts(for name: String) -> [String] {
        templates.map { $0.split(separator: "{}", omittingEmptySubsequences: false).joined(separator: name) }
    }
}
