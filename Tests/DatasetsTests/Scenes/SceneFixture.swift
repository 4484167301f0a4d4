import Datasets
import Foundation
import Images

/// Cut-outs of plain colours: three nouns, one with two styles, one background.
struct SceneFixture {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try sprite("sprites/ant_hill/noto-1.png", 40, 30, [200, 30, 30])
        try sprite("sprites/bus/noto-1.png", 30, 40, [30, 200, 30])
        try sprite("sprites/bus/noto-2.png", 30, 30, [30, 160, 30])
        try sprite("sprites/bus/clip-1.png", 36, 20, [30, 90, 30])
        try sprite("sprites/scissors/noto-1.png", 25, 40, [30, 30, 200])
        try folder.writePicture("backgrounds/meadow.jpg", width: 90, height: 60, color: Color(0xAA8844))
    }

    /// A solid rectangle in a transparent frame.
    func sprite(_ key: String, _ width: Int, _ height: Int, _ color: [UInt8], frame: Int = 4) throws {
        var bytes: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let isInside = x >= frame && y >= frame && x < width - frame && y < height - frame
                bytes += color + [isInside ? 255 : 0]
            }
        }
        try folder.write(PNGEncoder().encode(straight: bytes, width: width, height: height), to: key)
    }

    var root: ImageRoot { get throws { try ImageRoot(folder.path) } }

    func scan(size: Int = 48) async throws -> DatasetScan {
        try await ScenesDataset(root: root, size: size).scan()
    }

    func composer(
        size: Int = 48,
        difficulty: SceneDifficulty = .constant(1),
        captions: SceneCaption.Subject = .all
    ) async throws -> SceneComposer {
        let parts = try await SceneParts(try await scan(size: size).index, root: root)
        return SceneComposer(parts, size: size, difficulty: difficulty, captions: captions)
    }
}
