import Datasets
import Foundation
import Tensors

/// Gives each withheld pixel the unseen class that somebody thinks most likely; all other labels stay what they are.
///
/// That a pixel is of some unseen class is known, as its label was withheld; so only unseen classes compete, and how sure an
/// answer is means among them.
package struct PseudoLabels: Sendable, Hashable {
    /// Ascending.
    package let unseen: [Int]
    /// Probability among the unseen classes below which a pixel gets no label; 0 for none.
    package let confidence: Double

    package init(unseen: [Int], confidence: Double = 0) {
        (self.unseen, self.confidence) = (unseen, confidence)
    }

    /// What became of a view's labels.
    package struct Result: Sendable, Hashable {
        package var labels: [UInt8]
        /// Pixels whose label was withheld, and those of them that got one.
        package var withheld = 0
        package var given = 0
    }

    /// - Parameters:
    ///   - labels: of the pixels of a view, without any unseen class.
    ///   - logits: of whoever is asked, on its own grid.
    ///   - offsets: added to the logits of each class at every pixel; empty for none.
    package func labels(_ labels: [UInt8], by logits: PixelLogits, offsets: [Double] = []) -> Result {
        let side = logits.side
        precondition(labels.count == side * side, "one label a pixel")
        var result = Result(labels: labels)
        var row = [Double](repeating: 0, count: logits.grid.columns * logits.classes)
        var pixel = [Double](repeating: 0, count: logits.classes)
        for y in 0..<side {
            let line = y * side..<(y + 1) * side
            guard labels[line].contains(LabelMap.withheld) else { continue }
            logits.row(y, into: &row)
            for place in line where labels[place] == LabelMap.withheld {
                logits.pixel(place - line.lowerBound, of: row, into: &pixel)
                let winner = winner(among: unseen.map { pixel[$0] + (offsets.isEmpty ? 0 : offsets[$0]) })
                result.labels[place] = winner.map { UInt8(unseen[$0]) } ?? LabelMap.void
                result.withheld += 1
                result.given += winner == nil ? 0 : 1
            }
        }
        return result
    }

    /// The place of the greatest, of equal ones the first; nil if it is not sure enough, or there is none.
    private func winner(among scores: [Double]) -> Int? {
        guard var best = scores.indices.first else { return nil }
        for place in scores.indices where scores[place] > scores[best] { best = place }
        guard confidence > 0 else { return best }
        let total = scores.reduce(0) { $0 + exp($1 - scores[best]) }
        return 1 / total >= confidence ? best : nil
    }
}
