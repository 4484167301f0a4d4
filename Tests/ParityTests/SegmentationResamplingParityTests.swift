import Checkpoints
import Evaluators
import Images
import Testing

/// Against PyTorch's bilinear interpolation step by step, and Pillow's resize.
@Suite("Parity: the segmenter's resampling")
struct SegmentationResamplingParityTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture("resampling") }

    private func resampled(_ grids: [[Float]], _ rows: AxisWeights, _ columns: AxisWeights) -> [Float] {
        var resampling = PlaneResampling(rows: rows, columns: columns)
        return grids.flatMap { grid in
            var pixels = [Float](repeating: .nan, count: resampling.width * resampling.height)
            pixels.withUnsafeMutableBufferPointer { pixels in
                grid.withUnsafeBufferPointer { resampling.resample($0, into: pixels) }
            }
            return pixels
        }
    }

    private func planes(_ name: String, _ count: Int) throws -> [[Float]] {
        let values = try fixture.floats(name)
        return stride(from: 0, to: values.count, by: count).map { Array(values[$0..<$0 + count]) }
    }

    @Test("patches to padded view, cut, to the picture: one step for each axis equals three of PyTorch")
    func whole() throws {
        func axis(_ cells: Int, _ padded: Int, _ view: Int, _ picture: Int) -> AxisWeights {
            .bilinear(from: view, to: picture).following(.bilinear(from: cells, to: padded).prefix(view))
        }
        let found = try resampled(planes("whole.grid", 20), axis(4, 32, 29, 17), axis(5, 40, 35, 31))
        let difference = Difference(found, from: try fixture.floats("whole.picture"))
        print("whole: \(difference)")
        #expect(difference.largestAbsolute < 1e-5)
    }

    @Test("overlapping windows are averaged, and brought to the picture, as by PyTorch")
    func windows() throws {
        let (tops, lefts) = ([0, 12, 13], [0, 12, 19])
        // The cells of all windows side by side.
        var grids = [[Float]](repeating: [Float](repeating: 0, count: 36), count: 2)
        for row in 0..<3 {
            for column in 0..<3 {
                for (id, cells) in try planes("windows.grid.\(row).\(column)", 4).enumerated() {
                    for (place, value) in cells.enumerated() {
                        grids[id][(row * 2 + place / 2) * 6 + column * 2 + place % 2] = value
                    }
                }
            }
        }
        let window = AxisWeights.bilinear(from: 2, to: 16)
        let rows = AxisWeights.averaged(window, at: tops, pixelCount: 29)
        let columns = AxisWeights.averaged(window, at: lefts, pixelCount: 35)
        let view = Difference(resampled(grids, rows, columns), from: try fixture.floats("windows.view"))
        let picture = Difference(
            resampled(
                grids,
                AxisWeights.bilinear(from: 29, to: 20).following(rows),
                AxisWeights.bilinear(from: 35, to: 41).following(columns)
            ),
            from: try fixture.floats("windows.picture")
        )
        print("windows: view \(view), picture \(picture)")
        #expect(view.largestAbsolute < 1e-5)
        #expect(picture.largestAbsolute < 1e-5)
    }

    @Test("a bilinear resize of pixels is Pillow's bit for bit", arguments: [(64, 40), (9, 7), (50, 11)])
    func pillow(width: Int, height: Int) throws {
        let source = Image(width: 31, height: 23, pixels: try fixture.checkpoint.tensor(named: "pillow.source").bytes)
        let expected = try fixture.checkpoint.tensor(named: "pillow.\(width)x\(height)").bytes
        #expect(source.resized(width: width, height: height, by: .bilinear).pixels == expected)
    }
}
