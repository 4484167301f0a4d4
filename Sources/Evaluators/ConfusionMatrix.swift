package import Datasets

/// How many pixels of each class were taken for which: all that scores of a segmentation are made of.
///
/// One matrix stands for a whole data set. Matrices of its parts add up exactly; scores of its parts do not.
package struct ConfusionMatrix: Sendable, Hashable {
    package let classCount: Int
    /// `n[truth][prediction]`, row by row.
    package private(set) var counts: [UInt64]
    /// Pixels of each class for which no class was predicted: misses that are nobody's false alarm.
    package private(set) var unpredicted: [UInt64]

    /// - Precondition: from 1 to ``LabelMap/maximumClassCount`` classes.
    package init(classCount: Int) {
        precondition((1...LabelMap.maximumClassCount).contains(classCount), "a label map tells 254 classes apart")
        self.classCount = classCount
        counts = [UInt64](repeating: 0, count: classCount * classCount)
        unpredicted = [UInt64](repeating: 0, count: classCount)
    }

    package subscript(truth: Int, predicted: Int) -> UInt64 {
        precondition((0..<classCount).contains(truth) && (0..<classCount).contains(predicted), "ids of classes")
        return counts[truth * classCount + predicted]
    }

    /// Counts a picture. Pixels whose truth is void or withheld are passed over; a prediction of void counts as none.
    ///
    /// - Precondition: maps of one size, all other values ids of the matrix's classes.
    package mutating func add(truth: LabelMap, predicted: LabelMap) {
        precondition(truth.width == predicted.width && truth.height == predicted.height, "maps of one picture")
        for (truth, predicted) in zip(truth.values, predicted.values) where truth < LabelMap.withheld {
            precondition(Int(truth) < classCount, "the truth is a class of the list")
            if predicted == LabelMap.void {
                unpredicted[Int(truth)] += 1
            } else {
                precondition(Int(predicted) < classCount, "a prediction is a class of the list")
                counts[Int(truth) * classCount + Int(predicted)] += 1
            }
        }
    }

    /// - Precondition: matrices of the same classes.
    package func adding(_ other: ConfusionMatrix) -> ConfusionMatrix {
        precondition(classCount == other.classCount, "matrices of the same classes")
        var sum = self
        for index in counts.indices { sum.counts[index] += other.counts[index] }
        for index in unpredicted.indices { sum.unpredicted[index] += other.unpredicted[index] }
        return sum
    }

    /// Pixels of a class.
    package func truthCount(of id: Int) -> UInt64 {
        (0..<classCount).reduce(unpredicted[id]) { $0 + self[id, $1] }
    }

    /// Labelled pixels that were taken for a class.
    package func predictedCount(of id: Int) -> UInt64 {
        (0..<classCount).reduce(0) { $0 + self[$1, id] }
    }

    package var pixelCount: UInt64 { counts.reduce(0, +) + unpredicted.reduce(0, +) }

    /// The classes that the truth shows.
    package var present: [Int] { (0..<classCount).filter { truthCount(of: $0) > 0 } }

    /// Intersection over union of a class: nil where it neither occurs nor is predicted, 0 where it is only predicted.
    package func iou(of id: Int) -> Double? {
        let union = truthCount(of: id) + predictedCount(of: id) - self[id, id]
        return union == 0 ? nil : Double(self[id, id]) / Double(union)
    }

    /// The share of a class's pixels that was found; nil where it does not occur.
    package func recall(of id: Int) -> Double? {
        let total = truthCount(of: id)
        return total == 0 ? nil : Double(self[id, id]) / Double(total)
    }

    /// The share of labelled pixels that was taken for what it is; nil where there are none.
    package var pixelAccuracy: Double? {
        let hits = (0..<classCount).reduce(UInt64(0)) { $0 + self[$1, $1] }
        return pixelCount == 0 ? nil : Double(hits) / Double(pixelCount)
    }

    /// The mean of the IoU that are defined; nil where none is.
    package func meanIoU(over classes: some Sequence<Int>) -> Double? {
        let values = classes.compactMap { iou(of: $0) }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// The harmonic mean of the mean IoU over the seen and over the unseen classes; nil where one of them is undefined.
    package func harmonicIoU(seen: some Sequence<Int>, unseen: some Sequence<Int>) -> Double? {
        guard let seen = meanIoU(over: seen), let unseen = meanIoU(over: unseen) else { return nil }
        return seen + unseen == 0 ? 0 : 2 * seen * unseen / (seen + unseen)
    }
}

extension ConfusionMatrix: Codable {
    private enum CodingKeys: String, CodingKey {
        case counts, unpredicted
    }

    /// One list a true class. Numbers that make no square are refused.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let rows = try values.decode([[UInt64]].self, forKey: .counts)
        let unpredicted = try values.decode([UInt64].self, forKey: .unpredicted)
        guard (1...LabelMap.maximumClassCount).contains(rows.count), unpredicted.count == rows.count,
            rows.allSatisfy({ $0.count == rows.count })
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .counts,
                in: values,
                debugDescription: "a confusion matrix is square, with up to \(LabelMap.maximumClassCount) classes"
            )
        }
        self.init(classCount: rows.count)
        counts = rows.flatMap(\.self)
        self.unpredicted = unpredicted
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        let rows = (0..<classCount).map { Array(counts[$0 * classCount..<($0 + 1) * classCount]) }
        try values.encode(rows, forKey: .counts)
        try values.encode(unpredicted, forKey: .unpredicted)
    }
}
