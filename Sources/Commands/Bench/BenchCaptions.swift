import Models
import Tensors

/// Captions to measure the tokenizer with, the same in every run.
enum BenchCaptions {
    /// Some ten words of ASCII letters each.
    static func plain(count: Int, _ tokenizer: CLIPTokenizer) -> [String] {
        let words = words(of: tokenizer)
        return (0..<count).map { index in sentence(index, words).joined(separator: " ") }
    }

    /// The same with something in each that is not plain.
    static func mixed(count: Int, _ tokenizer: CLIPTokenizer) -> [String] {
        let words = words(of: tokenizer)
        let others = [
            "Straße", "cafe\u{301}", "&amp;quot;ok&amp;quot;", "👩‍👩‍👧", "ＷＩＤＥ", "日本の猫", "“quoted”", "ΟΔΥΣΣΕΥΣ", "русский",
            "it’s", "ﬁne", "한국어", "العربية", "LOUD!", "50%",
        ]
        return (0..<count).map { index in
            var sentence = sentence(index, words)
            sentence.insert(others[index % others.count], at: index % sentence.count)
            return sentence.joined(separator: " ")
        }
    }

    /// Words of the vocabulary; most captions consist of the commoner ones, which come first.
    private static func words(of tokenizer: CLIPTokenizer) -> [String] {
        (Int32(512)..<20_000).map { tokenizer.decode([$0]) }.filter { word in
            word.utf8.count > 1 && word.utf8.allSatisfy { (0x61...0x7A).contains($0) }
        }
    }

    private static func sentence(_ index: Int, _ words: [String]) -> [String] {
        let generator = RandomGenerator(run: 5, epoch: 0, sample: UInt64(index), view: 0)
        let count = 6 + Int(generator.uniform(at: 0) * 9)
        return (0..<count).map { place in
            let share = generator.uniform(at: place + 1)
            return words[Int(share * share * Double(words.count))]
        }
    }
}
