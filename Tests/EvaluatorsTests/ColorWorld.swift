import Datasets
import Evaluators
import Images
import Layers
import Models
import TestSupport
import Tensors

/// A world whose answers can be worked out by hand: a tower that sees nothing but colour, and pictures of plain squares.
///
/// The tower averages each patch's colour, its blocks add nothing, and it pools by the mean; so a token is the direction
/// of its patch's colour, a region's feature that of its cells, a crop's embedding that of its pixels.
struct ColorWorld {
    static let names = ["red", "green", "blue"]
    static let colors = [Color(0xFF0000), Color(0x00FF00), Color(0x0000FF)]

    let folder: TemporaryDirectory
    let dataset: Dataset
    let annotations: RegionAnnotations
    let backend = CPUBackend(threadCount: 1)

    struct Square {
        var color: Int
        var x: Int
        var y: Int
        var side: Int
    }

    /// - Parameters:
    ///   - pictures: each of 64 × 64 pixels, white but for the squares, later ones on top.
    ///   - annotations: COCO's JSON objects.
    init(_ pictures: [[Square]], annotations: [String]) async throws {
        folder = try TemporaryDirectory()
        var records: [String] = []
        for (index, squares) in pictures.enumerated() {
            var canvas = Canvas(width: 64, height: 64, color: .white)
            for square in squares {
                canvas.fill(
                    x: square.x,
                    y: square.y,
                    width: square.side,
                    height: square.side,
                    with: Self.colors[square.color]
                )
            }
            try folder.write(PNGEncoder().encode(canvas.image), to: "\(index).png")
            records.append(#"{"id": \#(index), "file_name": "\#(index).png"}"#)
        }
        let categories = Self.names.enumerated().map { #"{"id": \#($0 + 1), "name": "\#($1)"}"# }
        let json = """
            {"images": [\(records.joined(separator: ","))], "annotations": [\(annotations.joined(separator: ","))],
            "categories": [\(categories.joined(separator: ","))]}
            """
        try folder.write(Array(json.utf8), to: "annotations.json")
        let root = try ImageRoot(folder.path)
        let scan = try await COCODataset(annotationFile: folder("annotations.json"), root: root).scan()
        dataset = Dataset(index: scan.index, root: root)
        self.annotations = try RegionAnnotations(path: folder("annotations.json"))
    }

    var tower: VisionTransformer.Configuration {
        get throws {
            try ModelConfiguration(
                json: """
                    {"embed_dim": 3, "vision_cfg": {"image_size": 16, "layers": 1, "width": 3, "head_width": 3,
                    "patch_size": 4, "mlp_ratio": 1.0, "pool_type": "avg", "no_ln_pre": true}}
                    """.utf8
            ).vision
        }
    }

    /// Norms are 1 and 0, the convolution averages, the projection is the identity, all else is zero.
    var weights: ParameterTree {
        get throws {
            var tree = ParameterTree()
            for parameter in try VisionTransformer.parameters(of: tower) {
                var values = [Float](repeating: 0, count: parameter.shape.count)
                switch parameter.path {
                case "visual.conv1.weight":
                    for channel in 0..<3 {
                        for pixel in 0..<16 { values[(channel * 3 + channel) * 16 + pixel] = 1.0 / 16 }
                    }
                case "visual.proj":
                    for channel in 0..<3 { values[channel * 3 + channel] = 1 }
                case let path where path.contains("ln_") && path.hasSuffix("weight"):
                    values = values.map { _ in 1 }
                default: break
                }
                tree[parameter.path] = Tensor(values, parameter.shape, on: backend)
            }
            return tree
        }
    }

    /// The directions in which the tower sees the three colours, nearly.
    var classes: ClassEmbeddings {
        get throws {
            try ClassEmbeddings(names: Self.names, vectors: [2, -1, -1, -1, 2, -1, -1, -1, 2])
        }
    }

    /// - Parameter sizes: of the picture in each reading.
    func evaluator(
        sizes: [Int] = [64],
        _ change: (inout RegionEvaluator.Configuration) -> Void = { _ in }
    ) throws -> RegionEvaluator {
        var configuration = RegionEvaluator.Configuration(cropScale: 1)
        change(&configuration)
        let (weights, tower) = (try weights, try tower)
        let readings = try sizes.map { try DenseReading(weights, tower: tower, size: $0) }
        return try RegionEvaluator(configuration, tower: tower, readings: readings, teacher: weights, on: backend)
    }
}
