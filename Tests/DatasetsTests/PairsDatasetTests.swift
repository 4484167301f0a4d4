import Datasets
import Foundation
import Testing

@Suite("PairsDataset")
struct PairsDatasetTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["a.jpg", "b.png", "sub/c,d.jpg"] { try folder.writePicture(name) }
    }

    private func scan(
        _ name: String,
        _ bytes: some Sequence<UInt8>,
        columns: PairColumns = PairColumns()
    ) async throws -> DatasetScan {
        try folder.write(bytes, to: name)
        let root = try ImageRoot(folder.path)
        return try await PairsDataset(table: folder.path + "/" + name, columns: columns, root: root).scan()
    }

    private func scan(_ name: String, _ text: String, columns: PairColumns = PairColumns()) async throws -> DatasetScan
    {
        try await scan(name, Array(text.utf8), columns: columns)
    }

    private func pairs(_ scan: DatasetScan) -> [[String]] {
        scan.index.samples.map { [$0.key] + $0.captions }
    }

    @Test("rows of one picture are its captions, in order; pictures come in the order of the table")
    func order() async throws {
        let scan = try await scan("t.csv", "image,caption\nb.png,one\na.jpg,two\nb.png,three\n")
        #expect(pairs(scan) == [["b.png", "one", "three"], ["a.jpg", "two"]])
        #expect(scan.index.kind == .pairs && scan.rejections.isEmpty && scan.warnings.isEmpty)
        #expect(scan.index.samples[0].width == 24)
    }

    @Test("CSV as RFC 4180 has it: quotation marks, line ends inside, CRLF, a byte order mark, no last line end")
    func csv() async throws {
        let text =
            "\u{FEFF}id,Caption,IMAGE\r\n1,\"a \"\"big\"\" dog,\r\nrunning\",a.jpg\r\n\r\n2,\"\",b.png\r\n"
            + "3,5\" tall,\"sub/c,d.jpg\""
        let scan = try await scan("t.csv", text)
        #expect(pairs(scan) == [["a.jpg", "a \"big\" dog,\r\nrunning"], ["sub/c,d.jpg", "5\" tall"]])
        #expect(scan.rejectedImages == [.init(key: "b.png", reason: .noCaption)])
    }

    @Test("TSV keeps marks that are part of the text and takes off those around a field")
    func tsv() async throws {
        let text = "title\tfilepath\n\"Tis the season\ta.jpg\n\"he said \"\"no\"\"\"\tb.png\n\"a\"b\"\tsub/c,d.jpg\n"
        let scan = try await scan("t.tsv", text)
        #expect(
            pairs(scan) == [
                ["a.jpg", "\"Tis the season"], ["b.png", "he said \"no\""], ["sub/c,d.jpg", "\"a\"b\""],
            ]
        )
    }

    @Test("JSON lines take a caption or several, and keys in any order")
    func jsonl() async throws {
        let text = """
            {"text": "one", "image": "a.jpg", "score": {"x": [1]}}

            {"image": "b.png", "caption": ["two", 5, "drei \\u00fc"], "text": "not this one"}
            {"image": "a.jpg", "text": "four"}
            """
        let scan = try await scan("t.jsonl", text)
        #expect(pairs(scan) == [["a.jpg", "one", "four"], ["b.png", "two", "drei ü"]])
        #expect(scan.rejections.isEmpty)
    }

    @Test("each malformed line is recorded with its number, and the others are used")
    func malformed() async throws {
        let csv =
            "image,caption\na.jpg,one, and more\nb.png\n\"a.jpg\"x,two\nb.png,three\na.jpg,\"open\nb.png,four\n,x\n"
        let scan = try await scan("t.csv", csv)
        #expect(pairs(scan) == [["b.png", "three", "four"]])
        #expect(scan.rejectedRecords.map(\.position) == [2, 3, 4, 6, 8].map { .line($0) })
        #expect("\(scan.rejectedRecords[0])".hasSuffix("t.csv, line 2: 3 columns, the first line has 2."))
        let jsonl = """
            {"image": "a.jpg", "caption": "one"}
            {"image": "a.jpg", "caption":
            ["a.jpg", "one"]
            {"image": 7, "caption": "x"}
            {"caption": "x"}
            {"image": "b.png"}
            {"image": "b.png", "caption": "two"} x
            {"image": "b.png", "caption": null}
            """
        let lines = try await self.scan("t.jsonl", jsonl)
        #expect(pairs(lines) == [["a.jpg", "one"]])
        #expect(lines.rejectedRecords.map(\.position) == (2...7).map { .line($0) })
        #expect(lines.rejectedImages == [.init(key: "b.png", reason: .noCaption)])
    }

    @Test("missing columns are an error that names file, columns and the key to set")
    func missingColumns() async throws {
        for (name, text) in [
            ("t.csv", "picture,words\na.jpg,x\n"), ("t.jsonl", #"{"picture": "a.jpg", "words": "x"}"#),
        ] {
            let error = await #expect(throws: DatasetError.self) { try await scan(name, text) }
            let message = try #require(error).description
            #expect(message.contains(name) && message.contains("`picture`, `words`"), "\(message)")
            #expect(message.contains("data.image_column"), "\(message)")
            let named = try await scan(name, text, columns: PairColumns(image: "picture", caption: "words"))
            #expect(pairs(named) == [["a.jpg", "x"]])
            let half = await #expect(throws: DatasetError.self) {
                try await scan(name, text, columns: PairColumns(image: "picture", caption: "wrods"))
            }
            #expect(try #require(half).description.contains("data.caption_column"))
        }
    }

    @Test("a pair without its picture, with a bad one, or with one outside of the root is recorded")
    func pictures() async throws {
        try folder.write("no picture", to: "text.jpg")
        let rows = ["a.jpg,ok", "gone.jpg,x", "text.jpg,x", "../a.jpg,x", "http://elsewhere.org/x.jpg,x", "./b.png,ok"]
        let scan = try await scan("t.csv", "url,text\n" + rows.joined(separator: "\n"))
        #expect(pairs(scan) == [["a.jpg", "ok"], ["b.png", "ok"]])
        #expect(
            Set(scan.rejectedImages.map(\.key)) == ["gone.jpg", "text.jpg", "../a.jpg", "http://elsewhere.org/x.jpg"]
        )
        #expect(scan.rejectedImages.contains(.init(key: "gone.jpg", reason: .missing)))
    }

    @Test("whole paths below the root are the same pictures")
    func wholePaths() async throws {
        let scan = try await scan("t.csv", "image,caption\n\(folder.path)/a.jpg,one\n")
        #expect(pairs(scan) == [["a.jpg", "one"]])
    }

    @Test("empty captions, illegal UTF-8 and ten thousand words are dropped, repaired, kept; each with one warning")
    func captions() async throws {
        let long = String(repeating: "word ", count: 20_000)
        var bytes = Array("image,caption\na.jpg, \na.jpg,\(long)\nb.png,gr".utf8)
        bytes += [0xFC] + Array("n\nb.png,\n".utf8)
        let scan = try await scan("t.csv", bytes)
        #expect(scan.index.samples.map(\.captions.count) == [1, 1])
        #expect(scan.index.samples[0].captions[0].utf8.count == Caption.maximumByteCount)
        #expect(scan.index.samples[1].captions == ["gr\u{FFFD}n"])
        let file = folder.path + "/t.csv"
        #expect(
            scan.warnings == [
                .captions(file: file, defect: .invalidUTF8, count: 1, first: "line 4"),
                .captions(file: file, defect: .tooLong, count: 1, first: "line 3"),
                .captions(file: file, defect: .empty, count: 2, first: "line 2"),
            ]
        )
    }

    @Test("a table of which nothing can be used is an error with the first reason")
    func nothing() async throws {
        let error = await #expect(throws: DatasetError.self) { try await scan("t.csv", "image,caption\ngone.jpg,x\n") }
        #expect(try #require(error).description.contains("gone.jpg: not found"))
        for (name, text) in [("t.csv", ""), ("t.jsonl", "\n"), ("t.json", "{}"), ("t", "x")] {
            await #expect(throws: DatasetError.self, "\(name)") { try await scan(name, text) }
        }
        await #expect(throws: DatasetError.self) { try await scan("u.csv", [0xFF, 0xFE, 0x69, 0]) }
    }

    @Test("an index of pairs serves another machine, captions included")
    func index() async throws {
        let scan = try await scan("t.csv", "image,caption\na.jpg,one\na.jpg,two\n")
        let path = folder.path + "/index"
        try scan.index.write(to: path)
        let dataset = Dataset(index: try DatasetIndex.read(from: path), root: try ImageRoot(folder.path))
        guard case .loaded(let loaded) = try await dataset.load(0) else {
            Issue.record("bad")
            return
        }
        #expect(loaded.sample.captions == ["one", "two"])
    }
}
