import Datasets
import Foundation
import Images
import Testing

@Suite("ScenesDataset")
struct ScenesDatasetTests {
    private let fixture: SceneFixture

    init() throws {
        fixture = try SceneFixture()
    }

    @Test("a sample is a noun, in the order of the names; the index names every part")
    func index() async throws {
        let scan = try await fixture.scan()
        #expect(scan.index.kind == .scenes && scan.rejections.isEmpty)
        #expect(scan.index.samples.map(\.key) == ["ant_hill", "bus", "scissors"])
        #expect(scan.index.samples.allSatisfy { $0.width == 48 && $0.height == 48 })
        #expect(scan.index.files.count == 6 && scan.index.files[0].key == "backgrounds/meadow.jpg")
    }

    @Test("one byte of one part, a part more, another size: another digest")
    func digest() async throws {
        let digest = try await fixture.scan().index.digest
        #expect(try await fixture.scan().index.digest == digest)
        #expect(try await fixture.scan(size: 49).index.digest != digest)
        try fixture.sprite("sprites/bus/noto-2.png", 30, 30, [31, 160, 30])
        let changed = try await fixture.scan().index.digest
        #expect(changed != digest)
        try fixture.folder.writePicture("backgrounds/sea.png")
        #expect(try await fixture.scan().index.digest != changed)
    }

    @Test("parts that cannot be used are recorded: no PNG, nothing to see, no transparency")
    func rejected() async throws {
        try fixture.folder.write("text", to: "sprites/bus/noto-3.png")
        try fixture.sprite("sprites/ghost/noto-1.png", 10, 10, [0, 0, 0], frame: 5)
        try fixture.sprite("sprites/box/noto-1.png", 10, 10, [0, 0, 0], frame: 0)
        try fixture.folder.write("text", to: "backgrounds/broken.jpg")
        try fixture.folder.write("not looked at", to: "sprites/LICENSE.txt")
        let scan = try await fixture.scan()
        #expect(scan.index.samples.map(\.key) == ["ant_hill", "bus", "scissors"])
        #expect(
            scan.rejectedImages.map(\.key) == [
                "backgrounds/broken.jpg", "sprites/box/noto-1.png", "sprites/bus/noto-3.png",
                "sprites/ghost/noto-1.png",
            ]
        )
        let empty = try TemporaryFolder()
        await #expect(throws: DatasetError.self) {
            try await ScenesDataset(root: ImageRoot(empty.path), size: 48).scan()
        }
    }

    @Test("a part that was changed behind the index is refused, not composed")
    func changed() async throws {
        let index = try await fixture.scan().index
        try fixture.sprite("sprites/bus/noto-2.png", 30, 30, [31, 160, 30])
        let root = try fixture.root
        let error = await #expect(throws: DatasetError.self) { try await SceneParts(index, root: root) }
        #expect(try #require(error).description.contains("sprites/bus/noto-2.png"))
    }

    @Test("a use of a sample gives pixels, boxes and a caption; the same use gives the same, another use others")
    func uses() async throws {
        let (index, root, composer) = (try await fixture.scan().index, try fixture.root, try await fixture.composer())
        let dataset = Dataset(index: index, root: root, composer: composer)
        func load(_ seed: SampleSeed) async throws -> LoadedSample {
            guard case .loaded(let loaded) = try await dataset.load(seed.sample, seed: seed) else {
                throw CancellationError()
            }
            return loaded
        }
        let seed = SampleSeed(run: 3, epoch: 1, sample: 1)
        let (first, again) = (try await load(seed), try await load(seed))
        #expect(first.image == again.image && first.sample == again.sample && first.fileMark == again.fileMark)
        #expect(first.sample.captions.count == 1 && first.sample.captions[0].contains("bus"))
        #expect(!first.sample.boxes.isEmpty && first.sample.boxes[0].categoryID == 2)
        for other in [SampleSeed(run: 4, epoch: 1, sample: 1), SampleSeed(run: 3, epoch: 2, sample: 1)] {
            #expect(try await load(other).image != first.image)
        }
        // Where the difficulty is level, the update changes nothing.
        #expect(try await load(SampleSeed(run: 3, epoch: 1, sample: 1, update: 9)).image == first.image)
        let partless = Dataset(index: index, root: root)
        await #expect(throws: DatasetError.self) { try await partless.load(0) }
    }

    @Test("scenes are those of the first release: equal recipes must go on meaning equal pixels")
    func golden() async throws {
        let index = try await fixture.scan().index
        let composer = try await fixture.composer(difficulty: .constant(0))
        let dataset = Dataset(index: index, root: try fixture.root, composer: composer)
        var (marks, captions): ([UInt64], [String]) = ([], [])
        for id in Int64(0)..<3 {
            let seed = SampleSeed(run: 5, epoch: 0, sample: id)
            guard case .loaded(let loaded) = try await dataset.load(id, seed: seed) else { continue }
            marks.append(loaded.fileMark)
            captions += loaded.sample.captions
        }
        #expect(marks == [0xC69E_D4A3_B4EB_8E7C, 0xC125_A5FC_FD3D_97E9, 0xAA35_B4D7_5B3C_02BA])
        #expect(captions == ["here we see an ant hill", "an image of a bus", "one can see scissors"])
    }
}
