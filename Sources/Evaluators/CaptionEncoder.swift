package import Models
package import Tensors

/// Embeds texts by a text tower, several at a time.
package struct CaptionEncoder {
    private let tower: TextTransformer
    private let tokenizer = CLIPTokenizer()
    private let batch: Int
    private let backend: any Backend

    /// - Parameter batch: texts in one pass of the tower; it bounds memory and changes no result.
    /// - Throws: `ModelsError` for a tower with other tokens than CLIP's.
    package init(_ tower: TextTransformer, batch: Int = 64, on backend: any Backend) throws(ModelsError) {
        try tower.configuration.checkVocabulary()
        precondition(batch > 0, "a batch has at least one text")
        self.tower = tower
        self.batch = batch
        self.backend = backend
    }

    /// E, the length of an embedding.
    package var size: Int { tower.configuration.embeddingSize }

    /// Whether the tokenizer leaves nothing of a text, so that its embedding would be that of any other such text.
    package func isEmpty(_ text: String) -> Bool { tokenizer.cleaned(text).isEmpty }

    /// - Parameter progress: called after every batch with how many texts are done.
    /// - Returns: `[N, E]`, unit rows in the order of the texts.
    package func encode(_ texts: [String], progress: (Int) -> Void = { _ in }) throws -> [Float] {
        let rows = texts.map { tokenizer.tokens($0, contextLength: tower.configuration.contextLength) }
        // A pass computes as many tokens of each text as its longest has: those of like length go together.
        let lengths = rows.map { $0.firstIndex(of: CLIPTokenizer.endOfText) ?? $0.count }
        let order = rows.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        var features = [Float](repeating: 0, count: texts.count * size)
        for start in stride(from: 0, to: order.count, by: batch) {
            try Task.checkCancellation()
            let part = order[start..<min(start + batch, order.count)]
            let found = tower.encodeText(part.map { rows[$0] }, on: backend).l2Normalized().floats
            for (row, text) in part.enumerated() {
                features.replaceSubrange(
                    text * size..<(text + 1) * size,
                    with: found[row * size..<(row + 1) * size]
                )
            }
            progress(part.endIndex)
        }
        return features
    }
}
