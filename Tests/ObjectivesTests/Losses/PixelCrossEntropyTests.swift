import Foundation
import Objectives
import Tensors
import Testing

@Suite("Cross entropy of pixels between cells")
struct PixelCrossEntropyTests {
    private static let grid = Grid(rows: 3, columns: 2)
    private static let (classes, side) = (4, 5)

    private func logits(_ change: (place: Int, by: Float)? = nil) -> [Float] {
        let noise = RandomGenerator(run: 1, epoch: 0, sample: 0, view: 0)
        var logits = (0..<Self.grid.count * Self.classes).map { Float(2 * noise.normal(at: $0)) }
        if let change { logits[change.place] += change.by }
        return logits
    }

    private var labels: [UInt8] {
        let values: [UInt8] = [0, 1, 2, 3, 254, 255, 2, 0]
        return (0..<Self.side * Self.side).map { values[($0 * 5 + $0 / 7) % 8] }
    }

    private func share(_ logits: [Float], _ labels: [UInt8]) -> PixelCrossEntropy.Share? {
        PixelCrossEntropy.share(
            of: PixelLogits(logits, classes: Self.classes, grid: Self.grid, side: Self.side),
            labels: labels
        )
    }

    @Test("the loss is the mean over labelled pixels of the cross entropy of logits brought up bilinearly")
    func loss() throws {
        let backend = CPUBackend(threadCount: 1)
        let cells = Tensor(logits(), [Self.grid.count, Self.classes], on: backend)
        let pixels = cells.bilinearResized(from: Self.grid, to: Grid(rows: Self.side, columns: Self.side)).floats
        var (sum, count, hits) = (0.0, 0, 0)
        for (place, label) in labels.enumerated() where label < 4 {
            let row = pixels[place * 4..<(place + 1) * 4].map(Double.init)
            sum += log(row.reduce(0) { $0 + exp($1) }) - row[Int(label)]
            count += 1
            hits += row.firstIndex(of: row.max() ?? 0) == Int(label) ? 1 : 0
        }
        let found = try #require(share(logits(), labels))
        #expect(abs(found.loss - sum / Double(count)) < 1e-6)
        #expect(found.pixels == count && found.hits == hits && count < labels.count)
    }

    @Test("the gradient at the cells agrees with finite differences")
    func gradient() throws {
        let gradient = try #require(share(logits(), labels)).gradient
        for place in gradient.indices {
            let above = try #require(share(logits((place, 0.01)), labels)).loss
            let below = try #require(share(logits((place, -0.01)), labels)).loss
            #expect(abs(gradient[place] - (above - below) / 0.02) < 2e-5, "\(place)")
        }
        #expect(abs(gradient.reduce(0, +)) < 1e-6, "shifting all logits changes nothing")
    }

    @Test("void and withheld pixels have no part, and a view of nothing else has no loss")
    func void() throws {
        let noClass = labels.map { $0 < 4 ? $0 : 255 }
        let (all, some) = (try #require(share(logits(), labels)), try #require(share(logits(), noClass)))
        #expect(all.loss == some.loss && all.gradient == some.gradient)
        #expect(share(logits(), [UInt8](repeating: 254, count: 25)) == nil)
    }
}
