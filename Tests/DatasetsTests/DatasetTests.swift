import Datasets
import Foundation
import Images
import Testing

@Suite("Dataset")
struct DatasetTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.writePicture("a.png", color: Color(0x123456))
        try folder.writePicture("b.jpg")
    }

    private func dataset(byteLimit: Int = 1 << 20, limits: ImageLimits = .standard) async throws -> Dataset {
        let index = try await FolderDataset(root: ImageRoot(folder.path)).scan().index
        return Dataset(index: index, root: try ImageRoot(folder.path, byteLimit: byteLimit), limits: limits)
    }

    private func badReason(_ outcome: Dataset.Outcome) throws -> BadSample.Reason {
        guard case .bad(let sample) = outcome else {
            Issue.record("loaded")
            throw CancellationError()
        }
        #expect(sample.sampleID == 1 && sample.key == "b.jpg")
        #expect(sample.description.hasPrefix("sample 1 (b.jpg): "))
        return sample.reason
    }

    @Test("a sample comes with its pixels")
    func loads() async throws {
        guard case .loaded(let loaded) = try await dataset().load(0) else {
            Issue.record("bad")
            return
        }
        #expect(loaded.sample == Sample(id: 0, key: "a.png", width: 24, height: 16))
        #expect(loaded.image == Image(width: 24, height: 16, filledWith: Color(0x123456)))
    }

    @Test("bytes that decode nowhere are a bad sample, with the reason, and the other sample still loads")
    func bad() async throws {
        let dataset = try await dataset()
        let whole = Array(try Data(contentsOf: URL(filePath: folder.path + "/b.jpg")))
        try folder.write(whole.dropLast(40), to: "b.jpg")
        guard case .undecodable(.truncated(.jpeg, _)) = try badReason(await dataset.load(1)) else {
            Issue.record("not truncated")
            return
        }
        #expect(try badReason(await dataset.load(1)).code == "truncated")
        try folder.write([], to: "b.jpg")
        #expect(try badReason(await dataset.load(1)) == .undecodable(.empty))
        guard case .loaded = try await dataset.load(0) else {
            Issue.record("bad")
            return
        }
    }

    @Test("a picture beyond the limits of bytes or pixels is bad everywhere, hence a bad sample")
    func oversized() async throws {
        let small = try await dataset(byteLimit: 100)
        #expect(try badReason(await small.load(1)) == .tooManyBytes(limit: 100))
        let limits = ImageLimits(maximumSide: 20, maximumPixelCount: 1000)
        let narrow = try await dataset(limits: limits)
        #expect(try badReason(await narrow.load(1)) == .undecodable(.tooLarge(width: 24, height: 16, limits: limits)))
    }

    @Test("a picture that cannot be read is an error of the job")
    func unreadable() async throws {
        let dataset = try await dataset()
        try FileManager.default.removeItem(atPath: folder.path + "/b.jpg")
        await #expect(throws: DatasetError.notFound(key: "b.jpg", root: folder.path)) { try await dataset.load(1) }
        await #expect(throws: DatasetError.unknownSample(id: 2, count: 2)) { try await dataset.load(2) }
    }

    @Test("a picture of other sides than indexed is an error: this machine has another dataset")
    func changed() async throws {
        let dataset = try await dataset()
        try folder.writePicture("b.jpg", width: 30, height: 30)
        await #expect(
            throws: DatasetError.changed(key: "b.jpg", root: folder.path, cause: "30 × 30 instead of 24 × 16")
        ) {
            try await dataset.load(1)
        }
    }

    @Test("EXIF orientation is ignored, as boxes refer to stored pixels")
    func stored() async throws {
        let oriented = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "ImagesTests/Fixtures/exif6.jpg")
        try folder.write(Array(try Data(contentsOf: oriented)), to: "b.jpg")
        guard case .loaded(let loaded) = try await dataset().load(1) else {
            Issue.record("bad")
            return
        }
        #expect((loaded.image.width, loaded.image.height) == (19, 11))
        #expect((loaded.sample.width, loaded.sample.height) == (19, 11))
    }
}
