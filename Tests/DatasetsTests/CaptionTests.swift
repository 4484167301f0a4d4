import Datasets
import Testing

@Suite("Caption")
struct CaptionTests {
    @Test("a caption in order stays as it is", arguments: ["a dog", "zwei Hühner", "犬と猫 🐕", "tab\tand\nline"])
    func untouched(text: String) {
        #expect(Caption(Array(text.utf8)).text == text)
        #expect(Caption(Array(text.utf8)).defects.isEmpty)
    }

    @Test("white space at the ends goes, and needs no mention")
    func trimmed() {
        let caption = Caption("\u{FEFF} \t a dog\u{A0}\r\n".replacing("\u{FEFF}", with: ""))
        #expect(caption.text == "a dog" && caption.defects.isEmpty)
    }

    @Test("illegal UTF-8 becomes U+FFFD and is told")
    func repaired() {
        let caption = Caption([0x61, 0xFF, 0x62, 0xE2, 0x82])
        #expect(caption.text == "a\u{FFFD}b\u{FFFD}")
        #expect(caption.defects == [.invalidUTF8])
    }

    @Test("control characters are removed and told, C1 included")
    func controls() {
        let caption = Caption("a\u{0} b\u{1B}[1m\u{7F}\u{9B}c")
        #expect(caption.text == "a b[1mc")
        #expect(caption.defects == [.controlCharacters])
    }

    @Test("ten thousand words are kept up to the bound, cut between characters")
    func long() {
        let words = String(repeating: "wörter ", count: 10_000)
        let caption = Caption(Array(words.utf8))
        #expect(caption.defects == [.tooLong])
        #expect(caption.text.utf8.count <= Caption.maximumByteCount)
        #expect(caption.text.utf8.count > Caption.maximumByteCount - 4)
        #expect(words.hasPrefix(caption.text))
        let short = String(repeating: "word ", count: 10_000)
        #expect(Caption(short).defects.isEmpty && Caption(short).text.utf8.count == 49_999)
        let bytes = [UInt8](repeating: 0xC3, count: 1 << 20)
        #expect(Caption(bytes).defects == [.invalidUTF8, .tooLong])
    }

    @Test(
        "nothing but space and controls is empty, and that is all that is said",
        arguments: ["", " \n", "\u{0}\u{1}"]
    )
    func empty(text: String) {
        #expect(Caption(text).text.isEmpty && Caption(text).defects == [.empty])
    }
}
