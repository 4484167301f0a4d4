import Images

/// Which object can be seen at each pixel of a scene in the making.
struct SceneLayout {
    struct Rectangle: Hashable {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
    }

    private let size: Int
    /// 0, or 1 more than the position of the object.
    private(set) var labels: [UInt8]
    /// Pixels of each object if nothing lay above it, and those that are still seen.
    private var areas: [(whole: Int, visible: Int)] = []

    init(size: Int) {
        self.size = size
        labels = [UInt8](repeating: 0, count: size * size)
    }

    /// How many pixels of other objects a cut-out would cover.
    func overlap(of cutout: Cutout, x: Int, y: Int) -> Int {
        var count = 0
        visit(cutout, x, y) { place in count += labels[place] == 0 ? 0 : 1 }
        return count
    }

    /// Lays a cut-out on top, unless some object would be hidden too much.
    ///
    /// - Returns: whether it was laid.
    mutating func add(_ cutout: Cutout, x: Int, y: Int, leastVisible: Double) -> Bool {
        var covered = areas.map(\.visible)
        var area = 0
        visit(cutout, x, y) { place in
            area += 1
            if labels[place] > 0 { covered[Int(labels[place]) - 1] -= 1 }
        }
        let isTooMuch = zip(areas, covered).contains { Double($1) < leastVisible * Double($0.whole) }
        guard area > 0, !isTooMuch, areas.count < Int(UInt8.max) else { return false }
        for index in areas.indices { areas[index].visible = covered[index] }
        areas.append((area, area))
        let label = UInt8(areas.count)
        var changed = labels
        visit(cutout, x, y) { place in changed[place] = label }
        labels = changed
        return true
    }

    /// Around what can be seen of each object.
    func boxes() -> [Rectangle] {
        areas.indices.map { index in
            var (left, right, top, bottom) = (size, -1, size, -1)
            for y in 0..<size {
                for x in 0..<size where Int(labels[y * size + x]) == index + 1 {
                    (left, right) = (min(left, x), max(right, x))
                    (top, bottom) = (min(top, y), max(bottom, y))
                }
            }
            return Rectangle(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
        }
    }

    /// Every pixel inside of the scene at which the cut-out hides more than half of what is beneath.
    private func visit(_ cutout: Cutout, _ x: Int, _ y: Int, _ body: (Int) -> Void) {
        for row in max(0, -y)..<max(max(0, -y), min(cutout.height, size - y)) {
            for column in max(0, -x)..<max(max(0, -x), min(cutout.width, size - x))
            where cutout.alpha(x: column, y: row) > 127 {
                body((y + row) * size + x + column)
            }
        }
    }
}
