/// How the result of a product is cut into tiles, one a task.
///
/// No bit of the result depends on it, so it may follow the number of threads: enough tasks that none waits long for the
/// last, as large as that allows, since a task packs its rows of the left side by itself.
package struct ProductTiling {
    private let rowCount: Int
    private let columnCount: Int
    private let height: Int
    private let width: Int

    /// Rows that stay in the L2 cache when packed, by the kernel's own blocks.
    private static let tallest = 112
    /// Columns against which packing a row, at 4 elements a cycle, costs 1 % of multiplying it, at 32 a cycle.
    private static let widest = 768
    /// Below 10 µs of work a task costs more than it brings.
    private static let leastWork = 1 << 20
    private static let tasksPerThread = 8
    /// Columns of the largest tile that is computed in registers.
    private static let columnStep = 32

    /// - Parameter inner: the extent that is summed over.
    package init(rows: Int, columns: Int, inner: Int, threadCount: Int) {
        (rowCount, columnCount) = (rows, columns)
        var height = Self.part(of: rows, atMost: Self.tallest, step: 1)
        var width = Self.part(of: columns, atMost: Self.widest, step: Self.columnStep)
        func taskCount() -> Int { Self.parts(rows, height) * Self.parts(columns, width) }
        while threadCount > 1, taskCount() < Self.tasksPerThread * threadCount, height * width * inner > Self.leastWork
        {
            // Halving the longer side costs the least packing; columns count less, as theirs is done once for all.
            if width > 4 * height, width > Self.columnStep {
                width = Self.part(of: columns, atMost: width / 2, step: Self.columnStep)
            } else if height > 1 {
                height = Self.part(of: rows, atMost: height / 2, step: 1)
            } else {
                break
            }
        }
        (self.height, self.width) = (height, width)
    }

    package var count: Int { tilesDown * tilesAcross }
    var tilesDown: Int { Self.parts(rowCount, height) }
    private var tilesAcross: Int { Self.parts(columnCount, width) }

    /// Neighbouring tasks share columns, so that threads find them in the cache they share.
    package subscript(index: Int) -> (rows: Range<Int>, columns: Range<Int>) {
        let (across, down) = index.quotientAndRemainder(dividingBy: tilesDown)
        return (
            down * height..<min((down + 1) * height, rowCount),
            across * width..<min((across + 1) * width, columnCount)
        )
    }

    private static func parts(_ extent: Int, _ part: Int) -> Int { (extent + part - 1) / part }

    /// The extent of as few equal parts as possible, in whole steps.
    private static func part(of extent: Int, atMost largest: Int, step: Int) -> Int {
        let even = parts(extent, parts(extent, max(largest, step)))
        return parts(even, step) * step
    }
}
