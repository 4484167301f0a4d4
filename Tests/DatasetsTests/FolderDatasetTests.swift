import Datasets
import Foundation
import Images
import Testing

@Suite("FolderDataset")
struct FolderDatasetTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func scan() async throws -> DatasetScan {
        try await FolderDataset(root: ImageRoot(folder.path)).scan()
    }

    @Test("pictures of all levels come in the bytewise order of their paths, hidden and foreign files left out")
    func order() async throws {
        for name in ["b/1.jpg", "a.png", "B.JPG", "b/0.jpeg", "a/z.png", "b.jpg", "é.jpg", ".hidden.jpg", ".git/x.jpg"]
        {
            try folder.writePicture(name, width: 20, height: 30)
        }
        try folder.write("text", to: "readme.txt")
        let scan = try await scan()
        #expect(
            scan.index.samples.map(\.key) == ["B.JPG", "a.png", "a/z.png", "b.jpg", "b/0.jpeg", "b/1.jpg", "é.jpg"]
        )
        #expect(scan.index.samples.map(\.id) == Array(0..<7))
        #expect(scan.index.samples.allSatisfy { $0.width == 20 && $0.height == 30 && $0.boxes.isEmpty })
        #expect(scan.index.kind == .folder && scan.rejectedImages.isEmpty)
    }

    @Test("unusable files are recorded with their reasons and take no sample's place")
    func rejected() async throws {
        try folder.writePicture("good.jpg")
        try folder.write([], to: "empty.jpg")
        try folder.write("a page that was not found", to: "text.jpg")
        try folder.writePicture("flat.png", width: 100, height: 9)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/lost.jpg",
            withDestinationPath: "nowhere.jpg"
        )
        let scan = try await scan()
        #expect(scan.index.samples.map(\.key) == ["good.jpg"])
        #expect(
            scan.rejectedImages == [
                .init(key: "empty.jpg", reason: .bad(.undecodable(.empty))),
                .init(key: "flat.png", reason: .bad(.tooSmall(width: 100, height: 9, minimumSide: 10))),
                .init(key: "lost.jpg", reason: .missing),
                .init(
                    key: "text.jpg",
                    reason: .bad(.undecodable(.unknownFormat(leadingBytes: Array("a page t".utf8))))
                ),
            ]
        )
        #expect(scan.rejectedImages.allSatisfy { "\($0)".hasPrefix($0.key + ": ") })
    }

    @Test("links to folders are followed, and a circle of them ends")
    func links() async throws {
        try folder.writePicture("a/1.jpg")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/a/loop", withDestinationPath: folder.path)
        let other = try TemporaryFolder()
        try other.writePicture("2.jpg")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/b", withDestinationPath: other.path)
        #expect(try await scan().index.samples.map(\.key) == ["a/1.jpg", "b/2.jpg"])
    }

    @Test("a header that begins after a long profile is still found")
    func longHeader() async throws {
        let picture = try JPEGEncoder().encode(Image(width: 40, height: 30, filledWith: .ink))
        // Three application segments of 64 KiB between the start marker and the rest.
        let segment: [UInt8] = [0xFF, 0xEB, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 65_533)
        try folder.write(picture.prefix(2) + segment + segment + segment + picture.dropFirst(2), to: "long.jpg")
        #expect(try await scan().index.samples == [Sample(id: 0, key: "long.jpg", width: 40, height: 30)])
    }

    @Test("an empty folder and an http root are errors that say so")
    func empty() async throws {
        await #expect(throws: DatasetError.noImages(root: folder.path)) { try await scan() }
        let http = ImageRoot(try HTTPImageSource("http://127.0.0.1:1"))
        await #expect(throws: DatasetError.self) { try await FolderDataset(root: http).scan() }
    }

    @Test("two scans of one folder have one digest, and one more picture changes it")
    func digest() async throws {
        for number in 0..<50 { try folder.writePicture("\(number).png", width: 10 + number, height: 12) }
        let first = try await scan().index
        #expect(try await scan().index.digest == first.digest)
        #expect(first.samples.allSatisfy { $0.width == 10 + (Int($0.key.dropLast(4)) ?? -1) })
        try folder.writePicture("50.png")
        #expect(try await scan().index.digest != first.digest)
    }
}
