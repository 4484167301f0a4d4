import Foundation

extension RegionEvaluation {
    /// The result for a terminal: counts first, then one line a measure, in percent.
    package var table: String {
        var lines = [
            "\(regions) regions of \(images) pictures, read at \(size) px; "
                + "\(skippedRegions) passed over, \(emptyMasks) masks empty, \(badImages.count) pictures unusable",
            "",
            row("measure", "top-1", "top-5", "regions", "classes"),
            row("region to crop, cosine", number(meanCosine * 100), "", "\(regions)", ""),
            row("region to crop, retrieval", number(retrievalTop1 * 100), "", "\(regions)", ""),
        ]
        for (name, accuracy) in [("boxes", boxes), ("masks", masks), ("crops", crops)] {
            guard let accuracy else { continue }
            lines.append(
                row(
                    "\(name), mAcc",
                    number(accuracy.macc1 * 100),
                    number(accuracy.macc5 * 100),
                    "\(accuracy.regions)",
                    "\(accuracy.classes)"
                )
            )
        }
        return lines.joined(separator: "\n")
    }

    /// A name of 28 characters and columns of 9, without spaces at the end.
    private func row(_ name: String, _ values: String...) -> String {
        let padding = String(repeating: " ", count: max(0, 28 - name.count))
        var line = name + padding
        line += values.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }.joined()
        while line.last == " " { line.removeLast() }
        return line
    }

    private func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
