import Datasets
import Evaluators
import Foundation
import TestSupport
import Testing

@Suite("ConfusionMatrix")
struct ConfusionMatrixTests {
    /// Maps in which each pair of classes occurs as often as the table says.
    private func matrix(_ table: [[Int]]) -> ConfusionMatrix {
        var (truth, predicted): ([UInt8], [UInt8]) = ([], [])
        for (row, counts) in table.enumerated() {
            for (column, count) in counts.enumerated() {
                truth += [UInt8](repeating: UInt8(row), count: count)
                predicted += [UInt8](repeating: UInt8(column), count: count)
            }
        }
        var matrix = ConfusionMatrix(classCount: table.count)
        matrix.add(
            truth: LabelMap(width: truth.count, height: 1, values: truth),
            predicted: LabelMap(width: truth.count, height: 1, values: predicted)
        )
        return matrix
    }

    private func rounded(_ value: Double?) -> Double? { value.map { ($0 * 1e6).rounded() / 1e6 } }

    @Test("the measures of a matrix computed by hand")
    func oracle() {
        let matrix = matrix([[8, 1, 1], [2, 6, 2], [0, 3, 7]])
        #expect((0..<3).map { rounded(matrix.iou(of: $0)) } == [0.666667, 0.428571, 0.538462])
        #expect(rounded(matrix.meanIoU(over: [0, 1])) == 0.547619)
        #expect(rounded(matrix.meanIoU(over: [2])) == 0.538462)
        #expect(rounded(matrix.harmonicIoU(seen: [0, 1], unseen: [2])) == 0.543002)
        #expect(rounded(matrix.meanIoU(over: 0..<3)) == 0.544567)
        #expect(matrix.pixelAccuracy == 0.7)
        #expect((0..<3).map { matrix.recall(of: $0) } == [0.8, 0.6, 0.7])
        #expect(matrix.truthCount(of: 1) == 10 && matrix.predictedCount(of: 1) == 10 && matrix.pixelCount == 30)
    }

    @Test("parts add up to the whole; the mean of their scores is another number")
    func parts() {
        let first = matrix([[8, 0, 0], [0, 0, 0], [0, 1, 1]])
        let second = matrix([[0, 1, 1], [2, 6, 2], [0, 2, 6]])
        #expect(first.adding(second) == matrix([[8, 1, 1], [2, 6, 2], [0, 3, 7]]))
        #expect(second.adding(first) == first.adding(second))
        let scores = [first, second].map { rounded($0.harmonicIoU(seen: [0, 1], unseen: [2])) }
        #expect(scores == [0.5, 0.324324])
        #expect(first.iou(of: 1) == 0, "a class that is only predicted has an IoU of 0")
        #expect(first.recall(of: 1) == nil && first.present == [0, 2])
    }

    @Test("a class that neither occurs nor is predicted is undefined and stays out of means")
    func undefined() {
        let matrix = matrix([[3, 0, 0], [1, 4, 0], [0, 0, 0]])
        #expect(matrix.iou(of: 2) == nil && matrix.recall(of: 2) == nil)
        #expect(matrix.meanIoU(over: 0..<3) == (0.75 + 0.8) / 2)
        #expect(matrix.meanIoU(over: [2]) == nil && matrix.meanIoU(over: []) == nil)
        #expect(matrix.harmonicIoU(seen: [0, 1], unseen: [2]) == nil)
        let empty = ConfusionMatrix(classCount: 2)
        #expect(empty.pixelAccuracy == nil && empty.present.isEmpty && empty.pixelCount == 0)
        #expect(self.matrix([[0, 1], [1, 0]]).harmonicIoU(seen: [0], unseen: [1]) == 0)
    }

    @Test("void and withheld pixels are not counted; a prediction of void is a miss that no class answers for")
    func special() {
        var matrix = ConfusionMatrix(classCount: 2)
        matrix.add(
            truth: LabelMap(width: 6, height: 1, values: [255, 254, 0, 0, 1, 1]),
            predicted: LabelMap(width: 6, height: 1, values: [0, 1, 0, 255, 1, 0])
        )
        #expect(matrix.counts == [1, 0, 1, 1] && matrix.unpredicted == [1, 0])
        #expect(matrix.pixelCount == 4 && matrix.pixelAccuracy == 0.5)
        #expect(matrix.recall(of: 0) == 0.5 && matrix.iou(of: 0) == 1.0 / 3 && matrix.iou(of: 1) == 0.5)
    }

    @Test("random maps give exactly what counting class by class gives", arguments: [1, 2, 3, 4, 5, 6])
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let classCount = Int.random(in: 1...40, using: &generator)
        var matrix = ConfusionMatrix(classCount: classCount)
        var pairs: [(truth: Int, predicted: Int)] = []
        for _ in 0..<4 {
            let (width, height) = (Int.random(in: 1...60, using: &generator), Int.random(in: 1...60, using: &generator))
            // Some classes never occur.
            let values = (0..<width * height).map { _ in UInt8.random(in: 0..<UInt8(classCount), using: &generator) / 2
            }
            let truth = values.map { Int.random(in: 0..<9, using: &generator) == 0 ? LabelMap.void : $0 }
            let predicted = values.map {
                Bool.random(using: &generator) ? $0 : UInt8.random(in: 0..<UInt8(classCount), using: &generator)
            }
            matrix.add(
                truth: LabelMap(width: width, height: height, values: truth),
                predicted: LabelMap(width: width, height: height, values: predicted)
            )
            pairs += zip(truth, predicted).map { (Int($0), Int($1)) }
        }
        let labelled = pairs.filter { $0.truth != 255 }
        var known: [Double] = []
        for id in 0..<classCount {
            let both = labelled.count { $0.truth == id && $0.predicted == id }
            let either = labelled.count { $0.truth == id || $0.predicted == id }
            #expect(
                matrix.iou(of: id) == (either == 0 ? nil : Double(both) / Double(either)),
                "seed \(seed), class \(id)"
            )
            if either > 0 { known.append(Double(both) / Double(either)) }
        }
        #expect(matrix.meanIoU(over: 0..<classCount) == known.reduce(0, +) / Double(known.count), "seed \(seed)")
        let hits = labelled.count { $0.truth == $0.predicted }
        #expect(matrix.pixelAccuracy == Double(hits) / Double(labelled.count), "seed \(seed)")
    }

    @Test("a matrix survives JSON, and numbers that make no square do not")
    func json() throws {
        let matrix = matrix([[8, 1], [0, 6]])
        let data = try JSONEncoder().encode(matrix)
        #expect(try JSONDecoder().decode(ConfusionMatrix.self, from: data) == matrix)
        for text in [
            #"{"counts":[[1,2],[3]],"unpredicted":[0,0]}"#, #"{"counts":[[1]],"unpredicted":[]}"#,
            #"{"counts":[],"unpredicted":[]}"#, #"{"counts":[[-1]],"unpredicted":[0]}"#,
        ] {
            #expect(throws: DecodingError.self, "\(text)") {
                try JSONDecoder().decode(ConfusionMatrix.self, from: Data(text.utf8))
            }
        }
    }
}
