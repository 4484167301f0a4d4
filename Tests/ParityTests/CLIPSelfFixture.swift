import Checkpoints
import Images
import Layers
import Models
import Objectives
import Tensors
import Testing

/// A dump of `make_clipself_fixtures.py`: a model, its settings, and samples with given regions.
struct CLIPSelfFixture {
    let fixture: Fixture
    let objective: CLIPSelf
    let start: ParameterTree

    init(_ name: String, on backend: any Backend) throws {
        fixture = try Fixture(name)
        start = try fixture.parameters(on: backend)
        let model = try ModelConfiguration(json: fixture.metadata("model").utf8)
        let configuration = CLIPSelf.Configuration(
            studentSize: try #require(Int(fixture.metadata("student_size"))),
            unlockedGroups: try #require(Int(fixture.metadata("unlocked_groups"))),
            teacherBatch: 3
        )
        objective = try CLIPSelf(configuration, tower: model.vision)
    }

    /// The views of sample `number`, from its stored pixels.
    func views(_ number: Int) throws -> CLIPSelf.Views {
        let image = try fixture.image("samples.\(number).image")
        let boxes = try fixture.boxes("samples.\(number).boxes")
        let crops = try fixture.rectangles("samples.\(number).rectangles", of: image)
        let regions = zip(boxes, crops).map { Region(studentBox: $0, crop: $1, provenance: .fallback) }
        return objective.views(of: image, regions: regions)
    }
}

extension Fixture {
    /// `[height, width, 3]` bytes.
    func image(_ name: String) throws -> Image {
        let tensor = try checkpoint.tensor(named: name)
        return Image(width: tensor.shape[1], height: tensor.shape[0], pixels: tensor.bytes)
    }

    /// `[R, 4]` edges.
    func boxes(_ name: String) throws -> [RegionBox] {
        let values = try floats(name)
        return stride(from: 0, to: values.count, by: 4).map {
            RegionBox(x0: values[$0], y0: values[$0 + 1], x1: values[$0 + 2], y1: values[$0 + 3])
        }
    }

    /// `[R, 4]` edges in whole pixels: left, top, right, bottom.
    func rectangles(_ name: String, of image: Image) throws -> [CropRectangle] {
        try boxes(name).map { CropRectangle($0, scale: 1, imageWidth: image.width, imageHeight: image.height) }
    }
}
