import Foundation
import Testing

@Suite("The documentation")
struct DocumentationTests {
    /// Every page with its path from the package's folder.
    static func pages() throws -> [(path: String, text: String)] {
        let articles = "Sources/stillhouse/Documentation.docc"
        let folder = PackageGraph.folder
        let listed = try FileManager.default.subpathsOfDirectory(atPath: folder.appending(path: articles).path)
            .filter { $0.hasSuffix(".md") }.map { "\(articles)/\($0)" }
        return try (["README.md", "CONTRIBUTING.md", "Deploy/samples/README.md"] + listed.sorted()).map { path in
            (path, try String(contentsOf: folder.appending(path: path), encoding: .utf8))
        }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: PackageGraph.folder.appending(path: path).path)
    }

    @Test("names no file that does not exist")
    func files() throws {
        for page in try Self.pages() {
            #expect(DocumentationRules.brokenLinks(in: page.text, at: page.path, exists: Self.exists) == [])
            #expect(DocumentationRules.brokenPaths(in: page.text, at: page.path, exists: Self.exists) == [])
        }
    }

    @Test("opens with a page of at most 150 lines")
    func readme() throws {
        let page = try #require(try Self.pages().first)
        #expect(page.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 151)
    }

    @Test("every article is reached from the landing page, under its file's name")
    func articles() throws {
        let pages = try Self.pages().filter { $0.path.hasPrefix("Sources/") }
        let landing = try #require(pages.first { $0.path.hasSuffix("/Stillhouse.md") })
        for page in pages where page.path != landing.path && !page.path.contains(/\/\d{4}-/) {
            let name = page.path.split(separator: "/").last.map { $0.dropLast(".md".count) } ?? ""
            #expect(landing.text.contains("<doc:\(name)>"))
        }
    }

    @Test("a link and a path to nowhere are noticed")
    func nowhere() {
        let page =
            "See [this](Gone.md), [that](Here.md#part) and [those](https://example.org), or `Sources/Gone.swift`."
        let exists = { (path: String) in path == "Folder/Here.md" }
        #expect(
            DocumentationRules.brokenLinks(in: page, at: "Folder/Page.md", exists: exists)
                == ["Folder/Page.md links to Gone.md, which does not exist"]
        )
        #expect(
            DocumentationRules.brokenPaths(in: page, at: "Folder/Page.md", exists: exists)
                == ["Folder/Page.md speaks of Sources/Gone.swift, which does not exist"]
        )
    }
}
