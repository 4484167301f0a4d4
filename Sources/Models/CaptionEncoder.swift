package import Tensors

/// Text in, unit vectors out: the tokenizer and a text tower together.
package struct CaptionEncoder {
    package let tower: TextTransformer
    package let tokenizer = CLIPTokenizer()
    private let backend: any Backend

    /// - Throws: `ModelsError.unsupportedField` for a tower whose tokens are others than CLIP's.
    package init(_ tower: TextTransformer, on backend: any Backend) throws(ModelsError) {
        try tower.configuration.checkVocabulary()
        self.tower = tower
        self.backend = backend
    }

    /// A text's row of tokens.
    ///
    /// - Throws: `ModelsError.emptyText` where cleaning leaves nothing: start and end alone say nothing of a picture.
    package func tokens(_ text: String) throws(ModelsError) -> [Int32] {
        let row = tokenizer.tokens(text, contextLength: tower.configuration.contextLength)
        guard row[1] != CLIPTokenizer.endOfText else { throw .emptyText(text) }
        return row
    }

    /// Refuses what `tokens(_:)` would cut: a class's name must be seen whole.
    ///
    /// - Throws: `ModelsError.longText`
    package func checkFits(_ text: String) throws(ModelsError) {
        let (count, limit) = (tokenizer.encode(text).count + 2, tower.configuration.contextLength)
        if count > limit { throw .longText(text, tokens: count, contextLength: limit) }
    }

    /// `[N, E]` row by row, as the tower gives them, or each row of length 1.
    ///
    /// - Parameters:
    ///   - batch: texts in one pass; it bounds memory and changes no bit.
    ///   - progress: is told how many texts are done.
    package func vectors(
        of texts: [String],
        normalized: Bool = true,
        batch: Int = 64,
        progress: (Int) -> Void = { _ in }
    ) throws(ModelsError) -> [Float] {
        var rows: [[Int32]] = []
        for text in texts { rows.append(try tokens(text)) }
        var vectors: [Float] = []
        for start in stride(from: 0, to: rows.count, by: max(batch, 1)) {
            let part = Array(rows[start..<min(start + max(batch, 1), rows.count)])
            let features = tower.encodeText(part, on: backend)
            vectors += (normalized ? features.l2Normalized() : features).floats
            progress(start + part.count)
        }
        return vectors
    }
}
