/// Where the classes of a label map lie: how many pixels each has, and the place of each that is farthest from all others.
struct LabelRegions {
    struct Centre {
        let label: UInt8
        let x: Int
        let y: Int
        /// Steps to the nearest pixel of another class or beyond the picture, straight or diagonal.
        let reach: Int
    }

    /// Pixels by value: 256 numbers.
    let counts: [Int]
    /// One a class that occurs, by id; the first in reading order where several places are as good.
    let centres: [Centre]

    init(_ labels: [UInt8], width: Int, height: Int) {
        counts = labels.reduce(into: [Int](repeating: 0, count: 256)) { $0[Int($1)] += 1 }
        let distances = Self.distances(labels, width, height)
        var best = [(distance: Int, place: Int)](repeating: (0, 0), count: 256)
        for (place, label) in labels.enumerated() where distances[place] > best[Int(label)].distance {
            best[Int(label)] = (distances[place], place)
        }
        centres = (0..<255).filter { best[$0].distance > 0 }.map { label in
            let (row, column) = best[label].place.quotientAndRemainder(dividingBy: width)
            return Centre(label: UInt8(label), x: column, y: row, reach: best[label].distance)
        }
    }

    /// Chessboard distances in two sweeps: the least of the eight neighbours of the same class and one more, 1 at every edge.
    private static func distances(_ labels: [UInt8], _ width: Int, _ height: Int) -> [Int] {
        var distances = [Int](repeating: .max, count: labels.count)
        func settle(_ x: Int, _ y: Int, _ neighbours: [(Int, Int)]) {
            let place = y * width + x
            var least = distances[place]
            for (across, down) in neighbours {
                let (column, row) = (x + across, y + down)
                let isInside = column >= 0 && column < width && row >= 0 && row < height
                let other = row * width + column
                let distance = isInside && labels[other] == labels[place] ? distances[other] : 0
                least = min(least, distance == .max ? .max : distance + 1)
            }
            distances[place] = least
        }
        for y in 0..<height {
            for x in 0..<width { settle(x, y, [(-1, 0), (-1, -1), (0, -1), (1, -1)]) }
        }
        for y in (0..<height).reversed() {
            for x in (0..<width).reversed() { settle(x, y, [(1, 0), (1, 1), (0, 1), (-1, 1)]) }
        }
        return distances
    }
}
