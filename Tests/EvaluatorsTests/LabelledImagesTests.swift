import Datasets
import Evaluators
import Images
import TestSupport
import Testing

@Suite("Pictures with labels")
struct LabelledImagesTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func write(_ name: String) throws {
        try folder.write(PNGEncoder().encode(Image(width: 16, height: 16, filledWith: .white)), to: name)
    }

    @Test("the first folder is the label; what lies in none, or is no picture, is reported")
    func folders() async throws {
        try write("cat/1.png")
        try write("cat/young/2.png")
        try write("fire_engine/1.png")
        try write("stray.png")
        try folder.write([1, 2, 3, 4], to: "broken/1.jpg")
        let images = try await LabelledImages.folders(below: ImageRoot(folder.path))
        let keys = ["cat/1.png", "cat/young/2.png", "fire_engine/1.png", "stray.png"]
        #expect(images.dataset.index.samples.map(\.key) == keys)
        #expect(images.labels == ["cat", "cat", "fire_engine", nil])
        #expect(images.names == ["broken", "cat", "fire_engine"])
        #expect(images.unusable.map(\.key) == ["broken/1.jpg", "stray.png"])
        #expect(images.unusable[0].reason.contains("neither JPEG nor PNG"))
        #expect(images.unusable[1].reason.contains("folder that names its class"))
    }

    @Test("a table names pictures and labels; rows that cannot be used are reported")
    func table() async throws {
        for name in ["a.png", "b.png", "c.png"] { try write(name) }
        let rows = "image,label\na.png,cat\nb.png,dog\nb.png,dog\nc.png,cat\nc.png,dog\ngone.png,emu\na.png\n"
        let path = try folder.write(Array(rows.utf8), to: "labels.csv")
        let images = try await LabelledImages.table(path, root: ImageRoot(folder.path))
        #expect(images.labels == ["cat", "dog", nil])
        #expect(images.names == ["cat", "dog"])
        let unusable = images.unusable.map { "\($0.key): \($0.reason)" }
        #expect(unusable.count == 3)
        #expect(unusable.contains { $0.hasPrefix("gone.png: not found") })
        #expect(unusable.contains { $0.contains("line 8") && $0.contains("1 columns") })
        #expect(unusable.contains("c.png: it has several labels: cat, dog."))
    }

    @Test("columns may have other names")
    func columns() async throws {
        try write("a.png")
        let path = try folder.write(Array("file\tspecies\na.png\tcat\n".utf8), to: "labels.tsv")
        let images = try await LabelledImages.table(
            path,
            columns: PairColumns(image: "file", caption: "species"),
            root: ImageRoot(folder.path)
        )
        #expect(images.labels == ["cat"])
        let root = try ImageRoot(folder.path)
        do {
            _ = try await LabelledImages.table(path, columns: PairColumns(image: "file"), root: root)
            Issue.record("a table without the column is accepted")
        } catch {
            #expect("\(error)".contains("`species`") && "\(error)".contains("`label`"))
        }
    }
}
