import Foundation
import Models
import Testing

/// Against open_clip's own tokenizer, on texts of every script and kind of damage that it repairs but mojibake.
@Suite("Parity: tokenizer")
struct CLIPTokenizerParityTests {
    private struct Case {
        let kind: String
        let text: String
        let tokens: [Int32]

        init(line: Substring.UTF8View) throws {
            let parts = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            try #require(parts.count == 3)
            kind = String(decoding: parts[0], as: UTF8.self)
            text = try JSONDecoder().decode(String.self, from: Data(parts[1]))
            tokens = try parts[2].split(separator: UInt8(ascii: " ")).map {
                try #require(Int32(String(decoding: $0, as: UTF8.self)))
            }
        }
    }

    @Test("thousands of texts get the reference's tokens")
    func tokens() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/tokens.tsv")
        let file = try String(contentsOf: path, encoding: .utf8)
        let cases = try file.utf8.split(separator: UInt8(ascii: "\n")).map { try Case(line: Substring($0).utf8) }
        #expect(cases.count > 5000)
        let tokenizer = CLIPTokenizer()
        for example in cases {
            let found = tokenizer.encode(example.text)
            #expect(found == example.tokens, "\(example.kind): \(example.text.debugDescription)")
        }
    }
}
