extension SegmentationMask {
    /// Fivefold, as in pycocotools, whose masks are the reference.
    private static let scale = 5.0
    /// Far beyond any picture; keeps arithmetic in range and outlines short.
    private static let largestCoordinate = 100_000.0
    /// Steps of the fine grid that one outline may take: a tenth of a second. A real one is some thousands long; corners
    /// that jump from end to end of the legal range would take a million steps each.
    private static let largestOutline = 20_000_000

    private struct Point {
        let x: Int
        let y: Int
    }

    /// The inside of one closed polygon in column-major order.
    ///
    /// The outline is walked on a grid five times as fine. Where it passes from one pixel column to the next it toggles the
    /// column from that height on; what has been toggled an odd number of times is inside.
    /// - SeeAlso: Dollár and Lin, COCO API, `rleFrPoly`.
    static func filled(_ corners: [Double], width: Int, height: Int) throws(SegmentationError) -> [Bool] {
        guard corners.count >= 6, corners.count % 2 == 0 else {
            throw SegmentationError(cause: "a polygon needs three corners of two numbers")
        }
        guard corners.allSatisfy({ $0.isFinite && abs($0) <= largestCoordinate }) else {
            throw SegmentationError(cause: "a corner is not a number, or far outside")
        }
        var fine = stride(from: 0, to: corners.count, by: 2).map { index in
            Point(x: Int(scale * corners[index] + 0.5), y: Int(scale * corners[index + 1] + 0.5))
        }
        fine.append(fine[0])
        let length = zip(fine, fine.dropFirst()).reduce(0) { $0 + max(abs($1.0.x - $1.1.x), abs($1.0.y - $1.1.y)) }
        guard length <= largestOutline else { throw SegmentationError(cause: "the outline is endlessly long") }
        var isToggled = [Bool](repeating: false, count: width * height)
        var previous: Point?
        for (from, to) in zip(fine, fine.dropFirst()) {
            walk(from, to) { point in
                if let last = previous, last.x != point.x {
                    if let place = crossing(last, point, width, height) { isToggled[place].toggle() }
                }
                previous = point
            }
        }
        var isInside = false
        return isToggled.map { toggle in
            isInside = isInside != toggle
            return isInside
        }
    }

    /// Every point of the fine grid on a straight line, both ends included, one for each step along the longer axis.
    private static func walk(_ from: Point, _ to: Point, _ visit: (Point) -> Void) {
        let (dx, dy) = (abs(to.x - from.x), abs(to.y - from.y))
        let isFlat = dx >= dy
        // Rounding must not depend on the direction: always count from the lower end.
        let isReversed = isFlat ? from.x > to.x : from.y > to.y
        let (start, end) = isReversed ? (to, from) : (from, to)
        let length = max(dx, dy)
        let slope = length == 0 ? 0 : Double(isFlat ? end.y - start.y : end.x - start.x) / Double(length)
        for step in 0...length {
            let t = isReversed ? length - step : step
            if isFlat {
                visit(Point(x: start.x + t, y: Int(Double(start.y) + slope * Double(t) + 0.5)))
            } else {
                visit(Point(x: Int(Double(start.x) + slope * Double(t) + 0.5), y: start.y + t))
            }
        }
    }

    /// The pixel, column-major, from which a step across the middle of a pixel column toggles; nil for other steps.
    private static func crossing(_ last: Point, _ point: Point, _ width: Int, _ height: Int) -> Int? {
        let crossed = point.x < last.x ? point.x : point.x - 1
        let column = (Double(crossed) + 0.5) / scale - 0.5
        guard column == column.rounded(.down), column >= 0, column <= Double(width - 1) else { return nil }
        let row = ((Double(min(last.y, point.y)) + 0.5) / scale - 0.5).rounded(.up)
        let place = Int(column) * height + Int(max(0, min(row, Double(height))))
        return place < width * height ? place : nil
    }
}
