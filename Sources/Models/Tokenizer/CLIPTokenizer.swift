/// CLIP's byte-pair tokenizer: the same tokens as open_clip's `SimpleTokenizer`, text that ftfy would take for mojibake
/// and characters younger than the reference's Unicode aside (see `TextRepair`).
///
/// The literal text of a special token is ordinary text here; the reference would put the token in. Costs nothing to
/// make and may be used from any number of threads: the vocabulary is built once a process.
/// - SeeAlso: Radford et al. 2021, arXiv:2103.00020, section 2.4.
package struct CLIPTokenizer: Sendable {
    package static let startOfText: Int32 = 49406
    /// Whatever follows the first of these is padding. Token 0, with which rows are padded, is the text `!` as well.
    package static let endOfText: Int32 = 49407
    package static let vocabularySize = 49408

    private let vocabulary: BytePairVocabulary

    package init() { vocabulary = .clip }

    /// The text that is encoded: repaired, unescaped, in single spaces, in lower case; empty where nothing is left.
    package func cleaned(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: TextCleaning.cleaned(text))
        return String(view)
    }

    /// The tokens of the text alone, however many they are.
    package func encode(_ text: String) -> [Int32] {
        let characters = TextCleaning.cleaned(text)
        var merging = BytePairMerging(vocabulary)
        var (tokens, word): ([Int32], [UInt8]) = ([], [])
        tokens.reserveCapacity(characters.count / 3 + 2)
        WordSplitting.forEachWord(in: characters) { range in
            word.removeAll(keepingCapacity: true)
            for character in characters[range] {
                if character.isASCII {
                    word.append(UInt8(truncatingIfNeeded: character.value))
                } else {
                    word.append(contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
                }
            }
            merging.append(word, to: &tokens)
        }
        return tokens
    }

    /// One row for a text tower: start, text, end, then zeros. What is too long is cut, and ends with the end all the
    /// same.
    ///
    /// - Parameter contextLength: at least 2.
    package func tokens(_ text: String, contextLength: Int) -> [Int32] {
        precondition(contextLength >= 2, "a row of \(contextLength) tokens has no place for start and end")
        var row = [Self.startOfText] + encode(text).prefix(contextLength - 2)
        row.append(Self.endOfText)
        row += repeatElement(0, count: contextLength - row.count)
        return row
    }

    /// The text that tokens stand for, for people: up to the first end, a space after each word, bytes that are no
    /// UTF-8 replaced, numbers that are no token passed over.
    package func decode(_ tokens: some Sequence<Int32>) -> String {
        var bytes: [UInt8] = []
        for token in tokens.prefix(while: { $0 != Self.endOfText }) {
            guard let symbol = UInt16(exactly: token), Int(symbol) < vocabulary.symbolCount else { continue }
            vocabulary.append(symbol, to: &bytes)
        }
        if bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }
}
