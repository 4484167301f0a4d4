import Datasets
import Foundation
import Images
import TestSupport

extension FuzzDecoder {
    /// A label file as a map of classes, and as the bare numbers that it stores, of whatever size.
    static let labelPNG = FuzzDecoder(
        name: "label-png",
        memoryBound: 1024,
        corpus: {
            let names = [
                "grey1", "grey4-interlaced", "grey16-interlaced", "grey8-transparent", "palette2", "palette8", "rgb8",
            ]
            return try labelFiles.map { try file("DatasetsTests/Fixtures/\($0)") }
                + names.map { try file("ImagesTests/Fixtures/\($0).png") }
        },
        mutate: PNGMutation.apply,
        decode: { bytes, _ in
            do throws(ImageError) {
                let image = try ImageDecoder.indices(of: bytes)
                guard image.indices.count == image.width * image.height else { return .wrong("not one index a pixel") }
            } catch {
                guard error.liesInTheBytes else { return .wrong("wanted more memory than its bound") }
            }
            return await verdict(LabelDefect.self) {
                let classes = try ClassList(text: "a\nb\nc\nd\ne", source: "fuzz")
                let labelling = Labelling(classes: classes, encoding: .values(.plain(classCount: 5)))
                let file = LabelFile(key: "label.png")
                let map = try labelling.labels(of: file, bytes: bytes, width: 6, height: 4)
                guard map.values.allSatisfy({ $0 < 5 || $0 >= LabelMap.withheld }) else {
                    throw CocoaError(.coderInvalidValue)
                }
            }
        }
    )

    /// What it reads must read again as the same list.
    static let classList = FuzzDecoder(
        name: "class-list",
        memoryBound: 256,
        corpus: {
            let own = "# three\nDog; puppy;small_dog\n\nTV_Monitor | unseen\ntraffic   light|UNSEEN\r\nowl\u{E9}\n"
            return try [Array(own.utf8)]
                + ["voc-20", "coco-stuff-171"].map { try file("../Configs/classes/\($0).txt") }
        },
        mutate: TextMutation(
            values: [
                "|", ";", "#", "| unseen", ";;", "|unseen|unseen", "a;b;c", "\u{301}", "\u{600}", "\u{200D}", "_",
            ],
            words: ["unseen", "dog", "person", "", "İ", "ß", "e\u{301}", "\u{0}", "\u{85}", "\u{2028}"],
            bombs: [String(repeating: "a;", count: 9000), String(repeating: "\n", count: 9000)]
                + [(0..<300).map { "name \($0)\n" }.joined()]
        ).apply,
        decode: { bytes, workspace in
            await verdict(DatasetError.self) {
                let list = try ClassList(contentsOf: try workspace.write(bytes, to: "classes.txt"))
                guard try ClassList(text: list.text, source: "again") == list else {
                    throw CocoaError(.coderInvalidValue)
                }
            }
        }
    )

    /// A panoptic file beside one picture and its segments: records, categories, and the index that comes of them.
    static let panoptic = FuzzDecoder(
        name: "panoptic",
        memoryBound: 256,
        corpus: { [try file("DatasetsTests/Fixtures/panoptic.json")] },
        mutate: TextMutation.json(
            words: [
                "images", "annotations", "categories", "segments_info", "id", "image_id", "category_id", "file_name",
                "person", "wall-brick", "floor-other-merged", "a.png", "../a.png", "name",
            ],
            values: ["9", "7", "300", "70000", "8388608", "16777215", "[{\"id\":7,\"category_id\":1}]", "\"a.png\""]
        ).apply,
        decode: { bytes, workspace in
            await verdict(DatasetError.self) {
                let root = try await panopticRoot(workspace)
                let path = try workspace.write(bytes, to: "panoptic.json")
                let source = SegmentationDataset(
                    root: root,
                    layout: SegmentationLayout(.panoptic),
                    classes: try ClassList(text: "brick wall\nfloor\nperson", source: "fuzz"),
                    annotations: path,
                    minimumSide: 1
                )
                let scan = try await source.scan()
                _ = scan.rejections + scan.warnings.map(\.description)
                try scan.index.write(to: path)
                guard try DatasetIndex.read(from: path) == scan.index else { throw CocoaError(.coderInvalidValue) }
            }
        }
    )

    private static let labelFiles = ["labels-grey8.png", "labels-grey16.png", "labels-palette.png", "labels-rgb.png"]

    private static func file(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: TestFile.path(name))))
    }

    private static func panopticRoot(_ workspace: FuzzWorkspace) async throws -> ImageRoot {
        for folder in ["images", "annotations"] {
            let path = "\(workspace.directory)/\(folder)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            _ = try workspace.write(try file("DatasetsTests/Fixtures/panoptic.png"), to: "\(folder)/a.png")
        }
        return try ImageRoot(workspace.directory)
    }
}
