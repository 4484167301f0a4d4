import Models
import Testing

@Suite struct CLIPTokenizerTests {
    private let tokenizer = CLIPTokenizer()

    @Test(
        "known texts get known tokens",
        arguments: [
            ("a photo of a cat", [320, 1125, 539, 320, 2368]),
            ("A  Photo\tof a\nCAT!", [320, 1125, 539, 320, 2368, 256]),
            ("a photo of a tiger.", [320, 1125, 539, 320, 6531, 269]),
            ("it's 2024, isn't it?", [585, 568, 273, 271, 273, 275, 267, 2923, 713, 585, 286]),
            ("caf\u{E9}", [15304]),
            ("cafe\u{301}", [15304]),
            ("&amp;amp; &lt;b&gt;", [261, 283, 321, 285]),
            ("“quoted” text", [257, 27706, 257, 4160]),
            ("3.14", [274, 269, 272, 275]),
            ("日本", [39121, 19277, 361]),
            ("hello_world", [3306, 318, 1002]),
        ] as [(String, [Int32])]
    )
    func known(text: String, tokens: [Int32]) {
        #expect(tokenizer.encode(text) == tokens)
    }

    @Test("a row begins with the start, ends with the end, and is padded with zeros")
    func row() {
        #expect(tokenizer.tokens("a cat", contextLength: 6) == [49406, 320, 2368, 49407, 0, 0])
        #expect(tokenizer.tokens("", contextLength: 4) == [49406, 49407, 0, 0])
        #expect(tokenizer.tokens("a cat", contextLength: 4) == [49406, 320, 2368, 49407])
    }

    @Test("a text that is too long is cut and ends with the end all the same")
    func truncation() {
        let row = tokenizer.tokens(String(repeating: "a ", count: 100), contextLength: 77)
        #expect(row.count == 77)
        #expect(row == [49406] + Array(repeating: 320, count: 75) + [49407])
        #expect(tokenizer.tokens("a cat", contextLength: 3) == [49406, 320, 49407])
    }

    @Test("ten thousand words, or as many letters without a space, are encoded and cut")
    func longTexts() {
        let words = String(repeating: "tiger ", count: 10_000)
        #expect(tokenizer.encode(words) == Array(repeating: 6531, count: 10_000))
        #expect(tokenizer.tokens(words, contextLength: 77).last == CLIPTokenizer.endOfText)
        let letters = tokenizer.encode(String(repeating: "ab", count: 10_000))
        #expect(tokenizer.decode(letters) == String(repeating: "ab", count: 10_000))
    }

    @Test(
        "a text of which cleaning leaves nothing is empty",
        arguments: [
            "", "  \t\r\n", "\u{0}\u{1}\u{7F}", "\u{FEFF}\u{FFFC}", "&#1;&nbsp;&#x2003;", "\u{1B}[1;31m\u{3000}",
        ]
    )
    func empty(text: String) {
        #expect(tokenizer.cleaned(text).isEmpty)
        #expect(tokenizer.encode(text).isEmpty)
    }

    @Test("cleaning repairs, unescapes twice, joins spaces and lowers")
    func cleaning() {
        #expect(tokenizer.cleaned("  The \u{FB01}rst\u{A0}\u{201C}ＣＡＴ\u{201D} &amp;lt;3  ") == "the first \"cat\" <3")
        #expect(tokenizer.cleaned("ΟΔΥΣΣΕΥΣ ΣΑΣ.") == "οδυσσευς σας.")
    }

    @Test("the name of a special token is ordinary text")
    func specialTokens() {
        let tokens = tokenizer.encode("<end_of_text> <start_of_text>")
        #expect(!tokens.contains(CLIPTokenizer.endOfText) && !tokens.contains(CLIPTokenizer.startOfText))
        #expect(tokenizer.decode(tokens) == "< end _ of _ text > < start _ of _ text >")
    }

    @Test("decoding gives the words back, up to the end of text")
    func decoding() {
        let row = tokenizer.tokens("A photo of 2 cafés, 日本!", contextLength: 32)
        #expect(tokenizer.decode(row) == "a photo of 2 cafés , 日本 !")
        #expect(tokenizer.decode([-1, 320, 49406, 2368, 70_000]) == "a cat")
    }

    @Test("every token but start and end stands for some bytes")
    func everyToken() {
        #expect((Int32(0)..<49406).allSatisfy { tokenizer.decode([$0, 320]) != "a" })
    }
}
