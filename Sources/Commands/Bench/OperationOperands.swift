import Models
import Tensors

/// Random values in the shapes of one block of a model.
struct OperationOperands {
    let backend: any Backend
    let grid: Grid
    let headCount: Int
    let images: TensorValue  // [B, 3, S, S]
    let tokens: TensorValue  // [B, T, D]
    let hidden: TensorValue  // [B, T, hidden]
    let qkv: TensorValue  // [B, T, 3D]
    let features: TensorValue  // [B, N, E]
    let row: TensorValue  // [D]
    let weight: TensorValue  // [hidden, D]
    let bias: TensorValue  // [hidden]
    /// Six columns and three rows of cells over each picture.
    let regions: [RegionOfInterest]

    init(_ model: VisionTransformer.Configuration, batch: Int, size: Int, on backend: any Backend) {
        let side = size / model.patchSize
        let (grid, width, count) = (Grid(rows: side, columns: side), model.width, side * side + 1)
        func random(_ shape: Shape) -> TensorValue { BenchNumbers.uniform(shape, seed: 1, on: backend).value }
        self.backend = backend
        self.grid = grid
        headCount = model.headCount
        images = random([batch, 3, size, size])
        tokens = random([batch, count, width])
        hidden = random([batch, count, model.hidden])
        qkv = random([batch, count, 3 * width])
        features = random([batch, grid.count, model.embeddingSize])
        row = random([width])
        weight = random([model.hidden, width])
        bias = random([model.hidden])
        regions = (0..<batch).flatMap { CLIPSelfWork.regions(on: grid, imageIndex: $0) }
    }

    /// `[rows·columns, D]`
    func positions(_ grid: Grid) -> TensorValue {
        BenchNumbers.uniform([grid.count, row.count], seed: 4, on: backend).value
    }
}
