import Datasets
import Images
import Layers
import Models
import Objectives
import Tensors

/// The dense features of one picture's regions, read two ways.
struct RegionFeatures {
    /// RoIAlign of the dense map over each box, `[R, E]`, unit rows.
    let boxes: Tensor
    /// Mean of the unit tokens under each mask, `[R, E]`, unit rows; a zero row where a mask covers no cell.
    let masks: Tensor?
    /// Which masks cover a cell.
    let hasMask: [Bool]

    init(
        of image: Image,
        _ boxes: [AnnotationBox],
        annotations: RegionAnnotations?,
        antialias: Bool,
        by reading: DenseReading,
        on backend: any Backend
    ) {
        let (view, dense) = reading.features(of: image, on: backend)
        let grid = Grid(rows: dense.rows, columns: dense.columns)
        let cells = boxes.map { view.geometry.cells(RegionBox($0), grid: grid, imageIndex: 0) }
        self.boxes = dense.tokens.roiAligned(cells, rows: grid.rows, columns: grid.columns).l2Normalized()

        let flags = annotations.map { annotations in
            boxes.map { box in
                annotations.mask(of: box.annotationID, width: image.width, height: image.height)
                    .map { Self.cells(under: $0, grid: grid, antialias: antialias) }
            }
        }
        hasMask = flags?.map { $0?.contains(true) ?? false } ?? boxes.map { _ in false }
        masks = flags.map { flags in
            let weights = flags.flatMap { Self.weights($0, count: grid.count) }
            let tokens = dense.tokens.reshaped(to: [grid.count, dense.tokens.shape[2]])
            return Tensor(weights, [boxes.count, grid.count], on: backend).matmul(tokens).l2Normalized()
        }
    }

    /// A mask on the feature grid: shrunk with its picture, padded right and below.
    static func cells(under mask: SegmentationMask, grid: Grid, antialias: Bool) -> [Bool] {
        let longest = Double(max(mask.width, mask.height))
        func side(_ length: Int, _ count: Int) -> Int {
            max(Int((Double(length) * Double(count) / longest).rounded(.toNearestOrEven)), 1)
        }
        let (rows, columns) = (side(mask.height, grid.rows), side(mask.width, grid.columns))
        let small = MaskResampling.shrunken(
            mask.isInside,
            width: mask.width,
            height: mask.height,
            rows: rows,
            columns: columns,
            antialias: antialias
        )
        return (0..<grid.count).map { cell in
            let (row, column) = (cell / grid.columns, cell % grid.columns)
            return row < rows && column < columns && small[row * columns + column]
        }
    }

    private static func weights(_ cells: [Bool]?, count: Int) -> [Float] {
        guard let cells else { return [Float](repeating: 0, count: count) }
        let share = 1 / Float(max(cells.count { $0 }, 1))
        return cells.map { $0 ? share : 0 }
    }
}
