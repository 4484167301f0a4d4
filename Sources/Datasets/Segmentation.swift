/// The outline of an object in one of COCO's three spellings, not yet a mask.
package enum Segmentation: Sendable, Hashable {
    /// Corners x0, y0, x1, y1, … of each part.
    case polygons([[Double]])
    /// Lengths of alternating runs, zeros first, down the columns.
    case runs([Int64], width: Int64, height: Int64)
    /// The same, packed into text as pycocotools does.
    case packedRuns(String, width: Int64, height: Int64)
    case malformed(String)

    init(_ scanner: inout JSONScanner) throws(JSONError) {
        switch try scanner.peek() {
        case .array: self = try Self.polygons(&scanner)
        case .object: self = try Self.runLengths(&scanner)
        default:
            try scanner.skip()
            self = .malformed("neither polygons nor run lengths")
        }
    }

    private static func polygons(_ scanner: inout JSONScanner) throws(JSONError) -> Segmentation {
        var parts: [[Double]] = []
        var isLegal = true
        try scanner.array { scanner throws(JSONError) in
            if let part = try scanner.doublesOrNil() { parts.append(part) } else { isLegal = false }
        }
        return isLegal ? .polygons(parts) : .malformed("a polygon is not an array of numbers")
    }

    private static func runLengths(_ scanner: inout JSONScanner) throws(JSONError) -> Segmentation {
        var size: [Double]?
        var packed: String?
        var counts: [Double]?
        try scanner.object { scanner, name throws(JSONError) in
            switch name {
            case "size": size = try scanner.doublesOrNil()
            case "counts":
                if try scanner.peek() == .string {
                    packed = try scanner.string()
                } else {
                    counts = try scanner.doublesOrNil()
                }
            default: try scanner.skip()
            }
        }
        let sides = size?.compactMap { Int64(exactly: $0) } ?? []
        guard sides.count == 2 else { return .malformed("no size of two whole numbers") }
        if let packed { return .packedRuns(packed, width: sides[1], height: sides[0]) }
        guard let counts else { return .malformed("no counts") }
        let runs = counts.compactMap { Int64(exactly: $0) }
        guard runs.count == counts.count else { return .malformed("counts are not whole numbers") }
        return .runs(runs, width: sides[1], height: sides[0])
    }
}
