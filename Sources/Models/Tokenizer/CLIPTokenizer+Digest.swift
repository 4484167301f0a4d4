package import Checkpoints

extension CLIPTokenizer {
    /// SHA-256 over the texts of all tokens, a line each: tokenizers that agree on it give a number the same meaning.
    package static let digest: Digest = {
        let tokenizer = CLIPTokenizer()
        var text = ""
        for token in 0..<Int32(vocabularySize) { text += "\(token) \(tokenizer.decode([token]))\n" }
        return Digest(of: text.utf8)
    }()
}
