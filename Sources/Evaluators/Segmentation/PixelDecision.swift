import Datasets
import Foundation

/// Which class each pixel gets, decided class after class with no more than a few maps in memory.
struct PixelDecision {
    /// Scores on the cells of all windows, and what is added to each at the pixels.
    struct Plane {
        let cells: [Float]
        let offset: Float

        init(_ cells: [Float], offset: Float) {
            (self.cells, self.offset) = (cells, offset)
        }
    }

    private let background: SegmentationBackground
    private let classCount: Int
    private var resampling: PlaneResampling
    /// The class's scores: of its best name so far.
    private var scores: [Float]
    /// Those of a further name.
    private var others: [Float] = []
    private var best: [Float]
    private var ids: [UInt8]
    /// Σ exp(score − best) over the classes so far; only where a probability is asked for.
    private var sums: [Float] = []

    init(_ view: SegmentationView, background: SegmentationBackground, classCount: Int) {
        self.background = background
        self.classCount = classCount
        resampling = PlaneResampling(rows: view.rows, columns: view.columns)
        let pixels = resampling.width * resampling.height
        scores = [Float](repeating: 0, count: pixels)
        best = [Float](repeating: -.infinity, count: pixels)
        ids = [UInt8](repeating: 0, count: pixels)
        if case .threshold = background { sums = [Float](repeating: 0, count: pixels) }
    }

    /// Classes in ascending order: of equal scores the first keeps its pixel.
    mutating func consider(class id: Int, _ names: [Plane]) {
        for (index, name) in names.enumerated() {
            if index == 0 {
                Self.resample(name, by: &resampling, into: &scores)
            } else {
                if others.isEmpty { others = scores }
                Self.resample(name, by: &resampling, into: &others)
                for pixel in scores.indices { scores[pixel] = max(scores[pixel], others[pixel]) }
            }
        }
        if !sums.isEmpty { addToSums() }
        let id = UInt8(id)
        scores.withUnsafeBufferPointer { scores in
            best.withUnsafeMutableBufferPointer { best in
                ids.withUnsafeMutableBufferPointer { ids in
                    for pixel in 0..<scores.count {
                        let isBetter = scores[pixel] > best[pixel]
                        best[pixel] = isBetter ? scores[pixel] : best[pixel]
                        ids[pixel] = isBetter ? id : ids[pixel]
                    }
                }
            }
        }
    }

    /// The class of each pixel; `LabelMap.void` for background.
    func labels() -> [UInt8] {
        switch background {
        case .none: return ids
        case .lastClass: return ids.map { $0 == classCount - 1 ? LabelMap.void : $0 }
        case .threshold(let least):
            return zip(ids, sums).map { id, sum in Double(1 / sum) < least ? LabelMap.void : id }
        }
    }

    private static func resample(_ plane: Plane, by resampling: inout PlaneResampling, into pixels: inout [Float]) {
        pixels.withUnsafeMutableBufferPointer { pixels in
            plane.cells.withUnsafeBufferPointer { resampling.resample($0, into: pixels) }
            if plane.offset != 0 { for pixel in 0..<pixels.count { pixels[pixel] += plane.offset } }
        }
    }

    /// The running sum of exponentials, each relative to the greatest score so far.
    private mutating func addToSums() {
        for pixel in scores.indices {
            let (score, largest) = (scores[pixel], best[pixel])
            sums[pixel] =
                score > largest
                ? sums[pixel] * exp(largest - score) + 1 : sums[pixel] + exp(score - largest)
        }
    }
}
