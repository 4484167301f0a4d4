import Images
import Models
import Objectives
import Tensors

/// A picture as an image tower is shown it: resized, cut into windows or whole, normalised, padded; and the way back.
struct SegmentationView {
    let width: Int
    let height: Int
    /// Cells of one window: its patches, or parts of them.
    let grid: Grid
    let tops: [Int]
    let lefts: [Int]
    /// From the cells of all windows to the pixels of the view.
    let viewRows: AxisWeights
    let viewColumns: AxisWeights
    /// From the cells of all windows to the pixels of the picture.
    let rows: AxisWeights
    let columns: AxisWeights
    private let resized: Image
    private let windowWidth: Int
    private let windowHeight: Int
    /// Of what the tower is shown of a window.
    private let paddedWidth: Int
    private let paddedHeight: Int
    private let normalization: Normalization

    /// - Parameter cellsPerPatch: along each side of a patch.
    init(
        _ image: Image,
        _ configuration: SemanticSegmenter.Configuration,
        patchSize: Int,
        cellsPerPatch: Int = 1
    ) {
        let size = configuration.size.size(width: image.width, height: image.height, patchSize: patchSize)
        (width, height) = size
        resized = image.resizedForPatches(width: width, height: height)
        let (shownWidth, shownHeight): (Int, Int)
        if let window = configuration.window {
            (tops, lefts) = (window.starts(along: height), window.starts(along: width))
            (shownWidth, shownHeight) = (min(width, window.side), min(height, window.side))
        } else {
            (tops, lefts) = ([0], [0])
            (shownWidth, shownHeight) = size
        }
        (windowWidth, windowHeight) = (shownWidth, shownHeight)
        func patches(_ side: Int) -> Int { (side + patchSize - 1) / patchSize }
        grid = Grid(rows: patches(windowHeight) * cellsPerPatch, columns: patches(windowWidth) * cellsPerPatch)
        (paddedWidth, paddedHeight) = (patches(windowWidth) * patchSize, patches(windowHeight) * patchSize)
        normalization = configuration.normalization
        func view(_ cells: Int, _ shown: Int, _ starts: [Int], _ length: Int) -> AxisWeights {
            let window = AxisWeights.bilinear(from: cells, to: cells / cellsPerPatch * patchSize).prefix(shown)
            return AxisWeights.averaged(window, at: starts, pixelCount: length)
        }
        viewRows = view(grid.rows, windowHeight, tops, height)
        viewColumns = view(grid.columns, windowWidth, lefts, width)
        rows = AxisWeights.bilinear(from: height, to: image.height).following(viewRows)
        columns = AxisWeights.bilinear(from: width, to: image.width).following(viewColumns)
    }

    var isWhole: Bool { tops.count == 1 && lefts.count == 1 }

    /// Cells of all windows together.
    var assembledGrid: Grid { Grid(rows: grid.rows * tops.count, columns: grid.columns * lefts.count) }

    /// What the tower is shown of one window: `[1, 3, H, W]`, sides multiples of the patch. Padding is zero *after* the
    /// normalisation: the mean colour, not black.
    func pixels(window row: Int, _ column: Int, on backend: any Backend) -> Tensor {
        let cut = resized.cropped(x: lefts[column], y: tops[row], width: windowWidth, height: windowHeight)
        let values = cut.normalized(normalization)
        return Tensor([1, 3, paddedHeight, paddedWidth], on: backend) { padded in
            padded.update(repeating: 0)
            values.withUnsafeBufferPointer { values in
                for line in 0..<3 * windowHeight {
                    let (channel, y) = line.quotientAndRemainder(dividingBy: windowHeight)
                    let to = (channel * paddedHeight + y) * paddedWidth
                    for x in 0..<windowWidth { padded[to + x] = values[line * windowWidth + x] }
                }
            }
        }
    }

    /// Puts the cells of one window to their place among those of all.
    func place(_ cells: some Collection<Float>, window row: Int, _ column: Int, in assembled: inout [Float]) {
        var source = cells.makeIterator()
        let wide = grid.columns * lefts.count
        for y in 0..<grid.rows {
            let start = (row * grid.rows + y) * wide + column * grid.columns
            for place in start..<start + grid.columns { assembled[place] = source.next() ?? 0 }
        }
    }
}
