/// Class names as the tokens that follow a prompt's contexts: the name, a full stop, the end of text.
///
/// Names are tokenised once and are part of no prompt: the same prompts serve any list.
package struct PromptNames: Sendable, Hashable {
    package let names: [String]
    /// One row a name: its tokens, `.` and the end; at least three.
    package let tokens: [[Int32]]

    /// `.` as a word of its own.
    package static let fullStop: Int32 = 269

    /// - Parameters:
    ///   - contexts: N, the vectors between the start of text and the name.
    ///   - length: of the text tower's context.
    /// - Throws: `ModelsError` for a name that is empty, there twice, or too long: nothing is ever cut off.
    package init(
        _ names: [String],
        contexts: Int,
        contextLength length: Int,
        tokenizer: CLIPTokenizer = CLIPTokenizer()
    ) throws(ModelsError) {
        var rows: [[Int32]] = []
        var seen: Set<String> = []
        for name in names {
            let text = tokenizer.cleaned(name)
            guard !text.isEmpty else { throw .emptyText(name) }
            guard seen.insert(text).inserted else { throw .duplicateName(name) }
            let row = tokenizer.encode(text) + [Self.fullStop, CLIPTokenizer.endOfText]
            // The start of text stands before the contexts.
            guard 1 + contexts + row.count <= length else {
                throw .promptTooLong(name, contexts: contexts, tokens: 1 + contexts + row.count, limit: length)
            }
            rows.append(row)
        }
        (self.names, tokens) = (names, rows)
    }

    package var count: Int { tokens.count }
}
