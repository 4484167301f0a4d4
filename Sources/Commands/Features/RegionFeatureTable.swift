import Checkpoints
import Images
import Models
import Objectives
import OrderedCollections
import Tensors

/// Features of boxes, gathered picture by picture.
struct RegionFeatureTable {
    private(set) var images: [String] = []
    private let tower: VisionTransformer
    private let side: Int
    private let backend: any Backend
    private var features: [Float] = []
    private var boxes: [RegionBox] = []
    private var imageIndices: [Int64] = []
    private var annotations: [Int64] = []

    init(tower: VisionTransformer, side: Int, _ backend: any Backend) {
        self.tower = tower
        self.side = side
        self.backend = backend
    }

    mutating func add(_ image: Image, named name: String, _ boxes: [RegionBox], annotations: [Int64] = []) {
        let position = images.count
        images.append(name)
        guard !boxes.isEmpty else { return }
        let view = StudentView(of: image, size: side)
        let dense = tower.denseFeatures(Image.normalized([view.image], on: backend))
        let cells = boxes.map { view.geometry.cells($0, grid: dense.grid, imageIndex: 0) }
        let pooled = dense.tokens.roiAligned(cells, rows: dense.rows, columns: dense.columns)  // [R, E]
        features += pooled.l2Normalized().floats
        self.boxes += boxes
        self.annotations += annotations
        imageIndices += boxes.map { _ in Int64(position) }
    }

    func checkpoint() throws -> Checkpoint {
        var checkpoint = Checkpoint(metadata: ["kind": "regions", "size": String(side)])
        checkpoint.tensors["features"] = CheckpointTensor(
            features,
            shape: [boxes.count, tower.configuration.embeddingSize]
        )
        checkpoint.tensors["boxes"] = CheckpointTensor(
            boxes.flatMap { [$0.x0, $0.y0, $0.x1, $0.y1] },
            shape: [boxes.count, 4]
        )
        checkpoint.tensors["image_index"] = try Self.integers(imageIndices)
        if !annotations.isEmpty { checkpoint.tensors["annotation_ids"] = try Self.integers(annotations) }
        return checkpoint
    }

    private static func integers(_ values: [Int64]) throws -> CheckpointTensor {
        let bytes = values.flatMap { value in withUnsafeBytes(of: value.littleEndian, Array.init) }
        return try CheckpointTensor(dtype: .int64, shape: [values.count], bytes: bytes)
    }
}
