import Foundation
import Objectives
import Tensors
import Testing

/// One cell a pixel, so that logits are read off by hand.
@Suite("Pseudo labels")
struct PseudoLabelsTests {
    /// Of four classes, of which 1 and 3 are unseen, at four pixels.
    private let logits = PixelLogits(
        [
            9, 1, 8, 2,
            9, 2, 8, 1,
            0, 5, 0, 5,
            0, 1, 0, 0,
        ],
        classes: 4,
        grid: Grid(rows: 2, columns: 2),
        side: 2
    )

    @Test("a withheld pixel gets the best unseen class, of equal ones the first, however likely seen classes are")
    func unseenOnly() {
        let result = PseudoLabels(unseen: [1, 3]).labels([254, 254, 254, 254], by: logits)
        #expect(result.labels == [3, 1, 1, 1] && result.withheld == 4 && result.given == 4)
    }

    @Test("seen pixels keep their label and void stays void")
    func othersStay() {
        let result = PseudoLabels(unseen: [1, 3]).labels([0, 255, 2, 254], by: logits)
        #expect(result.labels == [0, 255, 2, 1] && result.withheld == 1 && result.given == 1)
    }

    @Test("a gate decides where logits are close")
    func offsets() {
        // ln g of the classes: 3 is shut by 1.5, more than the second and the last pixel's lead of class 1 can change.
        let result = PseudoLabels(unseen: [1, 3])
            .labels([254, 254, 254, 254], by: logits, offsets: [0, 0, 0, -1.5])
        #expect(result.labels == [1, 1, 1, 1])
        let other = PseudoLabels(unseen: [1, 3])
            .labels([254, 254, 254, 254], by: logits, offsets: [0, -1.5, 0, 0])
        #expect(other.labels == [3, 3, 3, 3])
    }

    @Test("with a least confidence a pixel in doubt between unseen classes gets none, and is void")
    func confidence() {
        // Leads of 1, 1, 0 and 1: probabilities 0.731, 0.731, 0.5 and 0.731.
        for (confidence, expected) in [
            (0.5, [3, 1, 1, 1]), (0.6, [3, 1, 255, 1]), (0.74, [255, 255, 255, 255]),
        ] as [(Double, [UInt8])] {
            let result = PseudoLabels(unseen: [1, 3], confidence: confidence)
                .labels([254, 254, 254, 254], by: logits)
            #expect(result.labels == expected && result.withheld == 4)
            #expect(result.given == expected.count { $0 != 255 })
        }
    }

    @Test("logits are asked for between the cells, at the pixel")
    func between() {
        // Class 0 falls from 3 to 0, class 1 rises from 0 to 1: they meet at three quarters of the way.
        let logits = PixelLogits([3, 0, 0, 1], classes: 2, grid: Grid(rows: 1, columns: 2), side: 4)
        let result = PseudoLabels(unseen: [0, 1]).labels([UInt8](repeating: 254, count: 16), by: logits)
        // Places of the pixels between the cells: 0, 0.25, 0.75 and 1.
        #expect(Array(result.labels[..<4]) == [0, 0, 0, 1] && Array(result.labels[12...]) == [0, 0, 0, 1])
    }
}
