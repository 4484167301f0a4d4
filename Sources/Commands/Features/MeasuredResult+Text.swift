import Evaluators
import Foundation

extension MeasuredResult where Result == RetrievalEvaluation {
    /// For a terminal; recalls in percent.
    var text: String {
        var table = TextTable([
            ("direction", .left), ("queries", .right), ("R@1", .right), ("R@5", .right), ("R@10", .right),
            ("median rank", .right),
        ])
        for (name, recall) in [("image to text", result.imageToText), ("text to image", result.textToImage)] {
            let shares = [recall.r1, recall.r5, recall.r10].map(percent)
            table.append([name, Units.count(recall.queries)] + shares + [String(format: "%.1f", recall.medianRank)])
        }
        let counts = """
            \(Units.count(result.images)) pictures, \(Units.count(result.captions)) captions; \
            \(Units.count(result.skippedCaptions)) captions and \(Units.count(result.unusable.count)) pictures left out
            """
        return ([header, counts, "", table.text] + lines(about: result.unusable)).joined(separator: "\n")
    }
}

extension MeasuredResult where Result == ZeroShotClassification {
    /// For a terminal; shares in percent.
    ///
    /// - Parameter perClass: whether each class gets a line.
    func text(perClass: Bool) -> String {
        var table = TextTable([("measure", .left), ("top-1", .right), ("top-5", .right)])
        table.append(["pictures", percent(result.top1), percent(result.top5)])
        table.append(["mean over classes", percent(result.classMeanTop1), percent(result.classMeanTop5)])
        let counts = """
            \(Units.count(result.images)) pictures of \(Units.count(result.classes)) classes, \
            \(Units.count(result.choices)) choices; \(Units.count(result.unusable.count)) pictures left out
            """
        var lines = [header, counts, "", table.text]
        if !result.confusions.isEmpty {
            var confusions = TextTable([("class", .left), ("mistaken for", .left), ("pictures", .right)])
            for pair in result.confusions { confusions.append([pair.label, pair.predicted, "\(pair.images)"]) }
            lines += ["", confusions.text]
        }
        if perClass {
            var classes = TextTable([("class", .left), ("pictures", .right), ("top-1", .right), ("top-5", .right)])
            for found in result.perClass {
                let shares = [found.top1, found.top5].map { percent(Double($0) / Double(found.images)) }
                classes.append([found.name, "\(found.images)"] + shares)
            }
            lines += ["", classes.text]
        }
        return (lines + self.lines(about: result.unusable)).joined(separator: "\n")
    }
}

extension MeasuredResult {
    private var header: String { "\(weights.text); pictures prepared by \(prepare.rawValue)" }

    private func percent(_ share: Double) -> String { String(format: "%.1f", share * 100) }

    /// The first ten pictures that were left out, each with its reason.
    private func lines(about unusable: [UnusablePicture]) -> [String] {
        if unusable.isEmpty { return [] }
        let shown = unusable.prefix(10).map { "left out: \($0.key): \($0.reason)" }
        return [""] + shown + (unusable.count > 10 ? ["and \(unusable.count - 10) more; --json lists them all"] : [])
    }
}
