import Foundation

extension SegmentationEvaluation {
    /// The result for a terminal: one line a class, then the means, in percent with two decimals; "–" for what is undefined.
    package var table: String {
        let header = ["id", "class", "", "truth px", "predicted px", "IoU", "recall"]
        let rows = classes.map { score in
            [
                "\(score.id)", score.name, score.isUnseen ? "unseen" : "", "\(score.truthPixels)",
                "\(score.predictedPixels)", percent(score.iou), percent(score.recall),
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        var lines = ([header] + rows).map { line($0, widths, left: [1, 2]) }
        lines.append("")
        let nameWidth = means.map(\.name.count).max() ?? 0
        for (name, value) in means { lines.append(line([name, percent(value)], [nameWidth, 6], left: [0])) }
        lines.append("")
        let unusable = badImages.isEmpty ? "" : ", \(badImages.count) unusable"
        lines.append("\(images) pictures\(unusable), list of classes \(classListDigest)")
        return lines.joined(separator: "\n")
    }

    /// One record a class as in RFC 4180, shares from 0 to 1 with all their digits; what is undefined is empty.
    package var csv: String {
        let rows = classes.map { score in
            let name = "\"" + score.name.replacingOccurrences(of: "\"", with: "\"\"") + "\""
            let numbers = [score.iou, score.recall].map { $0.map { "\($0)" } ?? "" }
            let split = score.isUnseen ? "unseen" : "seen"
            return (["\(score.id)", name, split, "\(score.truthPixels)", "\(score.predictedPixels)"] + numbers)
                .joined(separator: ",")
        }
        return (["id,class,split,truth_pixels,predicted_pixels,iou,recall"] + rows).joined(separator: "\n") + "\n"
    }

    private var means: [(name: String, value: Double?)] {
        let split = [("mIoU, seen (S)", seenIoU), ("mIoU, unseen (U)", unseenIoU), ("hIoU", harmonicIoU)]
        let isSplit = classes.contains(where: \.isUnseen)
        return (isSplit ? split : []) + [
            ("mIoU", meanIoU), ("mIoU, classes present", presentIoU), ("pixel accuracy", pixelAccuracy),
        ]
    }

    private func percent(_ value: Double?) -> String {
        value.map { String(format: "%.2f", $0 * 100) } ?? "–"
    }

    /// Cells padded to widths, two spaces between; some columns to the left, numbers to the right.
    private func line(_ cells: [String], _ widths: [Int], left: Set<Int>) -> String {
        let padded = cells.enumerated().map { column, cell in
            let padding = String(repeating: " ", count: max(0, widths[column] - cell.count))
            return left.contains(column) ? cell + padding : padding + cell
        }
        var line = padded.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }
}
