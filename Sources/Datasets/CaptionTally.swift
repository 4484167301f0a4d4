/// Takes captions in and counts what had to be done to them: one warning a file and kind of defect, not one a caption.
struct CaptionTally {
    private var counts: [Caption.Defect: (count: Int, first: String)] = [:]

    /// - Parameter place: where the caption stands, for the warning.
    /// - Returns: the text to keep; nil where nothing is left of it.
    mutating func text(of caption: Caption, at place: @autoclosure () -> String) -> String? {
        for defect in caption.defects {
            let known = counts[defect]
            counts[defect] = ((known?.count ?? 0) + 1, known?.first ?? place())
        }
        return caption.text.isEmpty ? nil : caption.text
    }

    mutating func add(_ other: CaptionTally) {
        for (defect, found) in other.counts {
            let known = counts[defect]
            counts[defect] = ((known?.count ?? 0) + found.count, known?.first ?? found.first)
        }
    }

    func warnings(file: String) -> [DatasetWarning] {
        Caption.Defect.allCases.compactMap { defect in
            counts[defect].map { .captions(file: file, defect: defect, count: $0.count, first: $0.first) }
        }
    }
}
