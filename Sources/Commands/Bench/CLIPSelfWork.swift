import Layers
import Models
import Objectives
import OrderedCollections
import Tensors

/// A CLIPSelf step from pixels to the flat gradient, as a worker computes it: one picture and 18 regions of a grid.
final class CLIPSelfWork: PreparedWork {
    /// A grid of the paper's table with 18 cells.
    private static let grid = (rows: 3, columns: 6)

    private let model: VisionTransformer.Configuration
    private let student: ParameterTree
    private let teacher: ParameterTree
    private let layout: ParameterLayout
    private let picture: Tensor  // [1, 3, S, S]
    private let crops: Tensor  // [18, 3, c, c]
    private let cached: Tensor?  // [18, E]

    init(
        _ model: VisionTransformer.Configuration,
        studentSize: Int,
        isCached: Bool,
        on backend: any Backend
    ) throws {
        let regions = Self.grid.rows * Self.grid.columns
        let side = model.imageHeight
        let weights = try BenchNumbers.tree(model, on: backend)
        let crops = BenchNumbers.uniform([regions, 3, side, side], seed: 3, on: backend)
        self.model = model
        // Equal numbers in memory of their own: after one update of a run they differ.
        teacher = weights
        student = ParameterTree(tensors: weights.tensors.mapValues { Tensor(backend.copied($0.value)) })
        layout = try VisionTransformer.trainableLayout(of: model, unlockedGroups: model.layers)
        picture = BenchNumbers.uniform([1, 3, studentSize, studentSize], seed: 2, on: backend)
        self.crops = crops
        cached = isCached ? try Self.targets(of: crops, model, weights) : nil
    }

    func repetition() throws {
        let targets = try cached ?? Self.targets(of: crops, model, teacher)
        let differentiation = try ValueAndGradient(student, trains: layout)
        let tower = try VisionTransformer(ParameterScope(TreeSource(differentiation.parameters)), model)
        var gradient = [Float](zeros: layout.count)
        try differentiation(addingTo: &gradient) {
            let features = tower.denseFeatures(picture)
            let pooled = features.tokens.roiAligned(
                Self.regions(on: features.grid),
                rows: features.rows,
                columns: features.columns
            )
            return CosineDistance.sum(pooled, targets).total
        }
    }

    private static func targets(
        of crops: Tensor,
        _ model: VisionTransformer.Configuration,
        _ teacher: ParameterTree
    ) throws -> Tensor {
        try VisionTransformer(ParameterScope(TreeSource(teacher)), model)
            .encodeImage(crops).l2Normalized(epsilon: 1e-12).detached()
    }

    /// The cells of the grid over one picture's features.
    static func regions(on features: Grid, imageIndex: Int = 0) -> [RegionOfInterest] {
        let (height, width) = (Float(features.rows) / Float(grid.rows), Float(features.columns) / Float(grid.columns))
        return (0..<grid.rows * grid.columns).map { cell in
            let (row, column) = (Float(cell / grid.columns), Float(cell % grid.columns))
            return RegionOfInterest(
                imageIndex: imageIndex,
                x0: column * width,
                y0: row * height,
                x1: (column + 1) * width,
                y1: (row + 1) * height
            )
        }
    }
}
