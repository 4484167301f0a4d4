/// The running counts of a classification: what was right, and what was taken for what.
package struct ClassificationTally: Sendable {
    /// The pairs that a result names.
    package static let confusionCount = 10

    private struct Pair: Hashable {
        var label: Int
        var predicted: Int
    }

    private var accuracy: ClassAccuracy
    private var confusions: [Pair: Int] = [:]

    package init(classCount: Int) { accuracy = ClassAccuracy(classCount: classCount) }

    /// Records one picture by its scores against every class; among equal scores the lower class stands first, and a
    /// score that is no number is never right and never predicted.
    package mutating func record(scores: some Collection<Float>, label: Int) {
        accuracy.record(scores: scores, label: label)
        var best: (class: Int, score: Float)?
        for (index, score) in scores.enumerated() where !score.isNaN {
            if let known = best, score <= known.score { continue }
            best = (index, score)
        }
        if let best, best.class != label { confusions[Pair(label: label, predicted: best.class), default: 0] += 1 }
    }

    /// - Parameter names: of the classes.
    /// - Returns: nil if nothing was recorded.
    package func result(names: [String], unusable: [UnusablePicture]) -> ZeroShotClassification? {
        guard let top1 = accuracy.share(at: 1), let top5 = accuracy.share(at: 5), let mean1 = accuracy.mean(at: 1),
            let mean5 = accuracy.mean(at: 5)
        else { return nil }
        let occurring = names.indices.filter { accuracy.count(of: $0) > 0 }
        return ZeroShotClassification(
            images: accuracy.regionCount,
            classes: accuracy.classCount,
            choices: names.count,
            top1: top1,
            top5: top5,
            classMeanTop1: mean1,
            classMeanTop5: mean5,
            perClass: occurring.map { label in
                ZeroShotClassification.ClassResult(
                    name: names[label],
                    images: accuracy.count(of: label),
                    top1: accuracy.hits(of: label, at: 1),
                    top5: accuracy.hits(of: label, at: 5)
                )
            },
            confusions: mostFrequent.map { pair, count in
                ZeroShotClassification.Confusion(
                    label: names[pair.label],
                    predicted: names[pair.predicted],
                    images: count
                )
            },
            unusable: unusable
        )
    }

    private var mostFrequent: [(Pair, Int)] {
        let sorted = confusions.sorted { left, right in
            (-left.value, left.key.label, left.key.predicted) < (-right.value, right.key.label, right.key.predicted)
        }
        return sorted.prefix(Self.confusionCount).map { ($0.key, $0.value) }
    }
}
