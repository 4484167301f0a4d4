import Datasets
import Foundation
import Images
import TestSupport

extension FuzzDecoder {
    static let pairsCSV = pairs("csv", corpus: csvTables)
    static let pairsTSV = pairs("tsv", corpus: csvTables.map { $0.replacing(",", with: "\t") })
    static let pairsJSONL = pairs(
        "jsonl",
        corpus: [
            """
            {"image": "rgb8.png", "caption": "one", "score": [0.5, {"a": null}]}
            {"caption": ["two", "drei \\u00fc \\ud83d\\udc15", 4], "image": "jpeg420.jpg"}

            {"filepath": "no-such.jpg", "text": "\\"three\\"\\n"}
            """,
            #"{"url": "rgb8.png", "title": "a \u00fc"}"#,
        ]
    )

    /// A tar shard: its headers, records and members, and each picture it leads to.
    static let tar = FuzzDecoder(
        name: "tar",
        memoryBound: 256,
        corpus: { try [shard(), TarArchive().closed] },
        mutate: { bytes, corpus, generator in
            ByteMutation.apply(&bytes, corpus, &generator)
            // Most damage should get past the checksums, to what lies behind them.
            if Int.random(in: 0..<4, using: &generator) > 0 { rightChecksums(&bytes) }
        },
        decode: { bytes, workspace in
            await verdict(DatasetError.self) {
                _ = try workspace.write(bytes, to: "shard.tar")
                let root = try ImageRoot(workspace.directory)
                let scan = try await WebDataset(root: root, shards: "shard.tar", minimumSide: 1).scan()
                _ = scan.rejections + scan.warnings.map(\.description)
                let dataset = Dataset(index: scan.index, root: root, minimumSide: 1)
                for sample in scan.index.samples { _ = try await dataset.load(sample.id) }
                try refuse(scan)
            }
        }
    )

    /// What was recorded counts as refused, though the rest of the dataset would be used.
    private static func refuse(_ scan: DatasetScan) throws(DatasetError) {
        guard let first = scan.rejections.first else { return }
        throw .noSamples(path: "", root: "", rejected: scan.rejections.count, first: first)
    }

    private static func pairs(_ format: String, corpus: [String]) -> FuzzDecoder {
        let damage = TextMutation.json(
            words: ["image", "caption", "title", "url", "rgb8.png", "./rgb8.png", "jpeg420.jpg", "\"\"", "a\"b"],
            values: ["rgb8.png", "\"rgb8.png\"", "\"a, b\"", "\"open", ",", "\t", "\r\n", "\"\r\n\"", "\u{FEFF}"]
        )
        return FuzzDecoder(
            name: "pairs-\(format)",
            memoryBound: 256,
            corpus: { corpus.map { Array($0.utf8) } },
            mutate: { bytes, corpus, generator in
                if Int.random(in: 0..<3, using: &generator) == 0 {
                    ByteMutation.apply(&bytes, corpus, &generator)
                } else {
                    damage.apply(&bytes, corpus, &generator)
                }
            },
            decode: { bytes, workspace in
                await verdict(DatasetError.self) {
                    let path = try workspace.write(bytes, to: "pairs.\(format)")
                    let root = try ImageRoot(TestFile.path("ImagesTests/Fixtures"))
                    let scan = try await PairsDataset(table: path, root: root, minimumSide: 1).scan()
                    _ = scan.rejections + scan.warnings.map(\.description)
                    for caption in scan.index.samples.flatMap(\.captions) where !Caption(caption).defects.isEmpty {
                        throw CocoaError(.coderInvalidValue)
                    }
                    try refuse(scan)
                }
            }
        )
    }

    private static let csvTables = [
        """
        id,caption,image
        1,a dog,rgb8.png
        2,"a ""big"" dog,
        running",jpeg420.jpg
        3,,rgb8.png
        4,"x",no-such.jpg
        """,
        "\u{FEFF}title,filepath\r\none,rgb8.png\r\ntwo,rgb8.png\r\n",
    ]

    private static func shard() throws -> [UInt8] {
        let picture = try PNGEncoder().encode(Image(width: 8, height: 8, filledWith: .ink))
        var tar = TarArchive()
        tar.add("a.png", picture)
        tar.add("a.txt", "a caption")
        let long = String(repeating: "c/", count: 80) + "c"
        tar.add("folder/b.json", #"{"caption": ["one", "\u00fc"], "other": [1, {}]}"#)
        tar.addWithRecords("folder/b.png", picture, statesSize: true)
        tar.addWithGNUName(long + ".png", picture)
        tar.addWithGNUName(long + ".txt", Array("c".utf8))
        tar.addWithGNUName(long + ".cls", Array("7".utf8))
        tar.addWithBinarySize("d.png", picture)
        tar.add("d.txt", "d")
        return tar.closed
    }

    /// Gives every block that may be a header the checksum of what it now holds.
    private static func rightChecksums(_ bytes: inout [UInt8]) {
        for start in stride(from: 0, to: bytes.count - 511, by: 512)
        where bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) {
            let field = start + 148..<start + 156
            bytes.replaceSubrange(field, with: [UInt8](repeating: 0x20, count: 8))
            let sum = bytes[start..<start + 512].reduce(0) { $0 + Int($1) }
            let digits = String(sum, radix: 8)
            let text = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
            bytes.replaceSubrange(field, with: Array(text.utf8.prefix(6)) + [0, 0x20])
        }
    }
}
