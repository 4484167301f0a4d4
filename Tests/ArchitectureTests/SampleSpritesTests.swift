import Foundation
import Testing

@Suite("The sample sprites")
struct SampleSpritesTests {
    /// A line of the table, `train/ice_cream/noto-1.png`, taken apart.
    struct Sprite {
        var path: String
        var split: String
        var noun: String
        var style: String
        var drawing: String
        var licence: String
    }

    static let folder = PackageGraph.folder.appending(path: "Deploy/samples")

    static func table() throws -> [Sprite] {
        let text = try String(contentsOf: folder.appending(path: "desk/SOURCES.tsv"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        try #require(
            lines.first?.map(String.init)
                == ["sprite", "split", "package", "version", "source", "title", "author", "licence"]
        )
        return try lines.dropFirst().map { line in
            try #require(line.count == 8)
            let parts = line[0].split(separator: "/")
            let isInPlace = parts.count == 4 && parts[0] == line[1] && parts[1] == "sprites"
            try #require(isInPlace, "\(line[0]) lies in the folder of its split")
            return Sprite(
                path: String(line[0]),
                split: String(line[1]),
                noun: parts[2].replacingOccurrences(of: "_", with: " "),
                style: String(parts[3].prefix { $0 != "-" }),
                drawing: "\(line[2]) \(line[4])",
                licence: String(line[7])
            )
        }
    }

    @Test("are described as they lie there")
    func files() throws {
        let present = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.appending(path: "desk").path)
        #expect(try Set(Self.table().map(\.path)) == Set(present.filter { $0.hasSuffix(".png") }))
    }

    @Test("use each drawing once, under a licence that lets it be passed on")
    func drawings() throws {
        let table = try Self.table()
        #expect(Set(table.map(\.drawing)).count == table.count)
        for sprite in table {
            #expect(sprite.licence == ["noto": "OFL-1.1", "openclipart": "public domain"][sprite.style])
        }
    }

    @Test("show each of the 80 nouns in both styles in training, and nothing else")
    func nouns() throws {
        let list = try String(contentsOf: Self.folder.appending(path: "nouns.txt"), encoding: .utf8)
        let nouns = list.split(separator: "\n").map(String.init)
        #expect(nouns.count == 80)
        #expect(nouns == nouns.sorted())
        let table = try Self.table()
        #expect(Set(table.map(\.noun)) == Set(nouns))
        for noun in nouns {
            let styles = table.filter { $0.noun == noun && $0.split == "train" }.map(\.style)
            #expect(Set(styles) == ["noto", "openclipart"], "\(noun)")
        }
    }

    @Test("hold only drawings of openclipart out, some 60 to 80 of them")
    func heldOut() throws {
        let heldOut = try Self.table().filter { $0.split == "held-out" }
        #expect(heldOut.allSatisfy { $0.style == "openclipart" })
        #expect((60...80).contains(heldOut.count))
    }

    @Test("are 8-bit RGBA, 96 pixels at their longest side")
    func pixels() throws {
        for sprite in try Self.table() {
            let header = try Data(contentsOf: Self.folder.appending(path: "desk/\(sprite.path)")).prefix(26)
            try #require(header.count == 26, "\(sprite.path)")
            // Of IHDR: width and height in big-endian order, bits a channel, colour type 6 for RGB with alpha.
            let sides = [16, 20].map { start in header[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
            #expect(sides.max() == 96, "\(sprite.path)")
            #expect(Array(header[24...]) == [8, 6], "\(sprite.path)")
        }
    }

    @Test("stay small")
    func size() throws {
        let sizes = try Self.table().map { sprite in
            try Data(contentsOf: Self.folder.appending(path: "desk/\(sprite.path)")).count
        }
        #expect(sizes.reduce(0, +) < 4_000_000)
    }
}
