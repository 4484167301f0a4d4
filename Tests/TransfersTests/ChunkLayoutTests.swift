import Testing
import Transfers

@Suite("Chunk layout")
struct ChunkLayoutTests {
    @Test(
        "the last chunk holds what the others leave",
        arguments: [
            (0, [Int]()), (1, [1]), (262_143, [262_143]), (262_144, [262_144]), (262_145, [262_144, 1]),
            (600_001, [262_144, 262_144, 75_713]),
        ]
    )
    func lengths(parameterCount: Int, expected: [Int]) {
        let layout = ChunkLayout(parameterCount: parameterCount)
        #expect(layout.chunkCount == expected.count)
        #expect((0..<layout.chunkCount).map { layout.range(ofChunk: $0).count } == expected)
        #expect((0..<layout.chunkCount).map { layout.byteCount(ofChunk: $0) } == expected.map { 4 * $0 })
    }

    @Test("chunks follow each other without gap or overlap")
    func tiling() {
        let layout = ChunkLayout(parameterCount: 1_000_003)
        var end = 0
        for ordinal in 0..<layout.chunkCount {
            #expect(layout.range(ofChunk: ordinal).lowerBound == end)
            end = layout.range(ofChunk: ordinal).upperBound
        }
        #expect(end == 1_000_003)
    }
}
