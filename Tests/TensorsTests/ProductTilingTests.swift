import Tensors
import Testing

@Suite struct ProductTilingTests {
    @Test(
        "tiles cover every element once",
        arguments: [[1, 1, 1], [13, 770, 64], [1576, 2304, 768], [113, 31, 4000], [4097, 768, 3072]],
        [1, 2, 64]
    )
    func cover(extents: [Int], threadCount: Int) {
        let (rows, columns) = (extents[0], extents[1])
        let tiling = ProductTiling(rows: rows, columns: columns, inner: extents[2], threadCount: threadCount)
        var counts = [UInt8](repeating: 0, count: rows * columns)
        for index in 0..<tiling.count {
            let tile = tiling[index]
            #expect(tile.columns.lowerBound % 16 == 0, "packed columns begin at whole panels")
            for row in tile.rows { for column in tile.columns { counts[row * columns + column] += 1 } }
        }
        #expect(counts.allSatisfy { $0 == 1 })
    }

    @Test("the products of ViT-B/16 keep sixty-four threads busy nine tenths of the time", arguments: [2, 64])
    func balance(threadCount: Int) {
        for (rows, columns, inner) in [
            (1576, 2304, 768), (1576, 768, 768), (1576, 3072, 768), (1576, 768, 3072), (3072, 768, 1576),
        ] {
            let tiling = ProductTiling(rows: rows, columns: columns, inner: inner, threadCount: threadCount)
            // Threads take the next tile when they are done with one.
            var busy = [Int](repeating: 0, count: threadCount)
            for index in 0..<tiling.count {
                let next = busy.indices.min { busy[$0] < busy[$1] } ?? 0
                busy[next] += tiling[index].rows.count * tiling[index].columns.count
            }
            let share = Double(rows * columns) / Double(threadCount) / Double(busy.max() ?? 1)
            #expect(
                share > 0.9,
                "\(rows) × \(columns): \(tiling.count) tiles keep \(threadCount) threads busy \(share)"
            )
        }
    }
}
