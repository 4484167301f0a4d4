import Datasets
import Foundation
import Images
import TestSupport
import Testing

@Suite("SegmentationDataset")
struct SegmentationDatasetTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func classes(_ count: Int) throws -> ClassList {
        try ClassList(names: (0..<count).map { "class \($0)" }, source: "test")
    }

    /// A picture and a label file whose values run through `values` again and again.
    private func write(_ stem: String, _ layout: SegmentationLayout, values: [UInt8], suffix: String = ".jpg") throws {
        try folder.writePicture("\(layout.pictures)/\(stem)\(suffix)")
        let pixels = (0..<24 * 16).map { values[$0 % values.count] }
        let label = try PNGEncoder().encode(indices: pixels, width: 24, height: 16)
        try folder.write(label, to: "\(layout.labels)/\(stem)\(layout.labelSuffix)")
    }

    private func dataset(
        _ layout: SegmentationLayout,
        _ count: Int,
        list: String? = nil
    ) throws -> SegmentationDataset {
        SegmentationDataset(root: try ImageRoot(folder.path), layout: layout, classes: try classes(count), list: list)
    }

    private func labels(_ scan: DatasetScan, _ id: Int64 = 0) async throws -> LabelMap {
        let dataset = Dataset(index: scan.index, root: try ImageRoot(folder.path), minimumSide: 1)
        guard case .loaded(let sample) = try await dataset.load(id) else {
            Issue.record("sample \(id) is bad")
            return LabelMap(width: 1, height: 1, values: [255])
        }
        return try #require(sample.labels)
    }

    @Test(
        "each layout finds its files and gives stored values their classes",
        arguments: [
            (.voc, 20, [0, 1, 20, 255], [255, 0, 19, 255]), (.context59, 59, [0, 1, 59, 255], [255, 0, 58, 255]),
            (.context60, 60, [0, 1, 59, 255], [0, 1, 59, 255]), (.ade20k, 150, [0, 1, 150], [255, 0, 149]),
            (.cocoStuff, 171, [0, 10, 12, 24, 26, 89, 91, 181, 255], [0, 10, 11, 23, 24, 79, 80, 170, 255]),
            (.folders, 3, [0, 2, 254, 255], [0, 2, 254, 255]),
        ] as [(SegmentationLayout.Name, Int, [UInt8], [UInt8])]
    )
    func layouts(name: SegmentationLayout.Name, count: Int, stored: [UInt8], expected: [UInt8]) async throws {
        let layout = SegmentationLayout(name)
        try write("b", layout, values: stored)
        try write("a", layout, values: stored)
        try folder.writePicture("\(layout.pictures)/unlabelled.jpg")
        let scan = try await dataset(layout, count).scan()
        #expect(scan.index.kind == .segmentation && scan.rejections.isEmpty)
        #expect(scan.index.samples.map(\.key) == ["\(layout.pictures)/a.jpg", "\(layout.pictures)/b.jpg"])
        #expect(try scan.index.classes == classes(count))
        let map = try await labels(scan, 1)
        #expect((map.width, map.height) == (24, 16))
        #expect(map.values == (0..<24 * 16).map { expected[$0 % expected.count] })
    }

    @Test("the ranks of COCO-Stuff's values are those of the values that occur")
    func ranks() {
        let ids = LabelValues.cocoStuff.ids
        #expect(ids.count == 172 && ids.filter { $0.value < 255 }.count == 171)
        for value in [11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90] { #expect(ids[UInt16(value)] == nil) }
        // clouds, wall-concrete, wood
        #expect(ids[105] == 94 && ids[171] == 160 && ids[181] == 170)
    }

    @Test("folders of any name, a suffix, values that are void, and a zero label that is reduced")
    func folders() async throws {
        var layout = SegmentationLayout(.folders)
        (layout.pictures, layout.labels, layout.labelSuffix) = ("p/train", "l/train", "_ids.png")
        layout.reducesZeroLabel = true
        layout.ignored = [9, 3]
        try write("deep/x", layout, values: [0, 1, 2, 3, 9, 255], suffix: ".PNG")
        let scan = try await dataset(layout, 3).scan()
        #expect(scan.index.samples.map(\.key) == ["p/train/deep/x.PNG"])
        #expect(scan.index.samples[0].labelFile?.key == "l/train/deep/x_ids.png")
        #expect(try await labels(scan).values.prefix(6) == [255, 0, 1, 255, 255, 255])
    }

    @Test("a list gives names and order; what it names wrongly is recorded with the line")
    func list() async throws {
        let layout = SegmentationLayout(.voc)
        for stem in ["a", "b", "c"] { try write(stem, layout, values: [0, 1]) }
        try folder.writePicture("JPEGImages/bare.jpg")
        try folder.write("c\n a.jpg \r\n\nc\n../x\ngone\nbare\n", to: "ImageSets/val.txt")
        let scan = try await dataset(layout, 20, list: "ImageSets/val.txt").scan()
        #expect(scan.index.samples.map(\.key) == ["JPEGImages/c.jpg", "JPEGImages/a.jpg"])
        #expect(
            scan.rejections == [
                "JPEGImages/c.jpg: ImageSets/val.txt, line 4: it stands there twice.",
                "JPEGImages/../x.jpg: ImageSets/val.txt, line 5: it leads out of the image root, or is no path.",
                "JPEGImages/gone.jpg: not found under the image root.",
                "JPEGImages/bare.jpg: its label file SegmentationClass/bare.png was not found.",
            ]
        )
    }

    @Test("over http a list takes the place of a look around, and the index is the same")
    func http() async throws {
        let layout = SegmentationLayout(.voc)
        for stem in ["a", "b"] { try write(stem, layout, values: [0, 1]) }
        try folder.write("b\na.jpg\n", to: "val.txt")
        let path = folder.path
        let server = try TinyHTTPServer { request in
            guard let body = try? Data(contentsOf: URL(filePath: path + request.path)) else {
                return TinyHTTPServer.response("404 Not Found")
            }
            return TinyHTTPServer.response("200 OK", Array(body))
        }
        let root = try ImageRoot(server.address)
        func source(_ list: String?) throws -> SegmentationDataset {
            SegmentationDataset(root: root, layout: layout, classes: try classes(20), list: list)
        }
        let remote = try await source("val.txt").scan()
        #expect(try await remote.index == dataset(layout, 20, list: "val.txt").scan().index)
        guard case .loaded(let sample) = try await Dataset(index: remote.index, root: root).load(1) else {
            Issue.record("the picture is good")
            return
        }
        #expect(sample.sample.key == "JPEGImages/a.jpg" && sample.labels?.values.prefix(2) == [255, 0])
        let cause = "an http root cannot be listed; name the pictures in a list"
        await #expect(throws: DatasetError.invalidRoot(server.address, cause: cause)) { try await source(nil).scan() }
    }

    @Test("label files that do not fit are left out with the file and the value")
    func misfits() async throws {
        let layout = SegmentationLayout(.voc)
        try write("good", layout, values: [0, 20])
        try write("value", layout, values: [0, 1, 2, 21])
        for name in ["rgb", "small"] { try folder.writePicture("JPEGImages/\(name).jpg") }
        try folder.writePicture("SegmentationClass/rgb.png")
        try folder.write(try fixture("labels-grey8.png"), to: "SegmentationClass/small.png")
        try write("cut", layout, values: [1])
        let whole = try Data(contentsOf: URL(filePath: folder.path + "/SegmentationClass/cut.png"))
        try folder.write(whole.dropLast(20), to: "SegmentationClass/cut.png")
        try write("jpeg", layout, values: [1])
        try folder.write(
            JPEGEncoder().encode(Image(width: 24, height: 16, filledWith: .ink)),
            to: "SegmentationClass/jpeg.png"
        )
        let scan = try await dataset(layout, 20).scan()
        #expect(scan.index.samples.map(\.key) == ["JPEGImages/good.jpg"])
        let found = scan.rejections
        #expect(found.count == 5)
        func rejection(_ name: String) -> String { found.first { $0.hasPrefix("JPEGImages/\(name).jpg: ") } ?? "" }
        #expect(rejection("value").contains("SegmentationClass/value.png: the value 21 at column 3, row 0"))
        #expect(rejection("rgb").contains("SegmentationClass/rgb.png: a PNG of colours, not of indices"))
        #expect(rejection("small").contains("SegmentationClass/small.png: 6 × 4 pixels, its picture has 24 × 16"))
        #expect(rejection("cut").contains("SegmentationClass/cut.png: the PNG ends too early"))
        #expect(rejection("jpeg").contains("SegmentationClass/jpeg.png: a JPEG of colours"))
    }

    @Test("where nothing is left the first reason is told; a list of another length is refused before")
    func nothing() async throws {
        let layout = SegmentationLayout(.voc)
        try write("value", layout, values: [77])
        await #expect {
            try await dataset(layout, 20).scan()
        } throws: { error in
            "\(error)".contains("SegmentationClass/value.png: the value 77")
        }
        let cause = "21 classes, but the layout voc has 20"
        await #expect(throws: DatasetError.invalidClassList(source: "the list of classes", cause: cause)) {
            try await dataset(layout, 21).scan()
        }
    }

    /// What the fixtures show, with a class for each of their five values.
    private func pattern(_ classes: [UInt8]) -> [UInt8] {
        (0..<24).map { place in
            let (row, column) = place.quotientAndRemainder(dividingBy: 6)
            return place == 0 ? LabelMap.void : classes[(column + 2 * row) % 5]
        }
    }

    private func fixture(_ name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: TestFile.path("DatasetsTests/Fixtures/\(name)")))
    }

    @Test(
        "grey of 8 and 16 bits and palettes by another program are read as the numbers they store",
        arguments: ["labels-grey8.png", "labels-grey16.png", "labels-palette.png"]
    )
    func foreign(file: String) async throws {
        try folder.writePicture("images/a.png", width: 6, height: 4)
        try folder.write(try fixture(file), to: "labels/a.png")
        let source = SegmentationDataset(
            root: try ImageRoot(folder.path),
            layout: SegmentationLayout(.folders),
            classes: try classes(5),
            minimumSide: 1
        )
        #expect(try await labels(source.scan()).values == pattern([0, 1, 2, 3, 4]))
    }

    @Test(
        "a value beyond the list is told with its place, whatever the form of the file",
        arguments: ["labels-grey8.png", "labels-grey16.png", "labels-palette.png"]
    )
    func foreignValues(file: String) async throws {
        try folder.writePicture("images/a.png", width: 6, height: 4)
        try folder.write(try fixture(file), to: "labels/a.png")
        let source = SegmentationDataset(
            root: try ImageRoot(folder.path),
            layout: SegmentationLayout(.folders),
            classes: try classes(4),
            minimumSide: 1
        )
        await #expect {
            try await source.scan()
        } throws: { error in
            "\(error)".contains("labels/a.png: the value 4 at column 4, row 0 is no class of the list")
        }
    }

    private func panoptic(_ json: String? = nil) throws -> SegmentationDataset {
        try folder.writePicture("images/a.png", width: 6, height: 4)
        try folder.write(try fixture("panoptic.png"), to: "annotations/a.png")
        let text = try json ?? String(decoding: fixture("panoptic.json"), as: UTF8.self)
        try folder.write(text, to: "panoptic.json")
        return SegmentationDataset(
            root: try ImageRoot(folder.path),
            layout: SegmentationLayout(.panoptic),
            classes: try ClassList(text: "brick wall\nfloor\nperson\ncat", source: "test"),
            annotations: folder.path + "/panoptic.json",
            minimumSide: 1
        )
    }

    @Test("panoptic colours become segments, segments categories, and categories classes by their names")
    func panopticLabels() async throws {
        let scan = try await panoptic().scan()
        #expect(scan.rejections.isEmpty)
        #expect(
            scan.warnings.map(\.description).first?.contains("1 category is not in the list of classes, first unicorn")
                == true
        )
        // person, brick wall, floor, person, nothing
        #expect(try await labels(scan).values == pattern([2, 0, 1, 2, 255]))
        try scan.index.write(to: folder.path + "/index")
        #expect(try DatasetIndex.read(from: folder.path + "/index") == scan.index)
    }

    @Test("panoptic records that say too little, or something twice, are left out with their reason")
    func panopticRecords() async throws {
        let original = String(decoding: try fixture("panoptic.json"), as: UTF8.self)
        let cases = [
            ("\"id\": 300", "\"id\": 7", "segment 7 stands there twice."),
            ("\"id\": 300", "\"id\": 16777216", "a segment whose `id` is not from 1 to 16777215."),
            ("\"id\": 300", "\"id\": 301", "segment 300 at column 1, row 0 is not in the annotation file."),
            ("\"category_id\": 2", "\"category_id\": 77", "segment 300 has no category of the file."),
            ("\"image_id\": 9", "\"image_id\": 8", "its `image_id` is not among the file's images."),
            ("\"image_id\": 9,\n   \"file_name\": \"a.png\"", "\"image_id\": 9", "it has no `file_name`."),
            (
                "\"file_name\": \"a.png\"", "\"file_name\": \"../a.png\"",
                "a `file_name` leads out of the root, or is no path."
            ),
        ]
        for (old, new, reason) in cases {
            try #require(original.contains(old))
            let source = try panoptic(original.replacing(old, with: new))
            await #expect {
                try await source.scan()
            } throws: { error in
                "\(error)".contains(reason)
            }
        }
        let unnamed = try panoptic(
            original.replacing("person", with: "x").replacing("wall", with: "y").replacing("floor", with: "z")
        )
        let cause = "none of its categories is in the list of classes"
        await #expect(throws: DatasetError.invalidPanopticFile(path: folder.path + "/panoptic.json", cause: cause)) {
            try await unnamed.scan()
        }
        let empty = try panoptic(#"{"images": [], "annotations": []}"#)
        await #expect(throws: DatasetError.self) { try await empty.scan() }
    }

    @Test("EXIF turns nothing where there are labels: both are as stored")
    func exif() async throws {
        let bytes = try Data(contentsOf: URL(filePath: TestFile.path("ImagesTests/Fixtures/exif6.jpg")))
        let header = try ImageDecoder.header(of: Array(bytes))
        try #require(header.orientation != .upright && header.width != header.height)
        try folder.write(bytes, to: "images/a.jpg")
        let count = header.width * header.height
        let label = try PNGEncoder().encode(
            indices: (0..<count).map { UInt8($0 % 3) },
            width: header.width,
            height: header.height
        )
        try folder.write(label, to: "labels/a.png")
        let scan = try await dataset(SegmentationLayout(.folders), 3).scan()
        let map = try await labels(scan)
        #expect((map.width, map.height) == (header.width, header.height) && map[1, 0] == 1)
    }

    @Test("a label file that goes bad behind the index makes a bad sample; one that is gone, an error")
    func changed() async throws {
        let layout = SegmentationLayout(.folders)
        for stem in ["a", "b", "c"] { try write(stem, layout, values: [0, 1]) }
        let index = try await dataset(layout, 2).scan().index
        let opened = Dataset(index: index, root: try ImageRoot(folder.path))
        try folder.write(try fixture("labels-grey8.png"), to: "labels/a.png")
        try write("b", layout, values: [0, 2])
        try FileManager.default.removeItem(atPath: folder.path + "/labels/c.png")
        guard case .bad(let size) = try await opened.load(0), case .bad(let value) = try await opened.load(1) else {
            Issue.record("both are bad")
            return
        }
        #expect(size.reason.code == "label_size" && value.reason.code == "label_value")
        #expect("\(value)".contains("sample 1 (images/b.jpg): its labels, labels/b.png: the value 2 at column 1"))
        await #expect(throws: DatasetError.notFound(key: "labels/c.png", root: folder.path)) {
            try await opened.load(2)
        }
    }

    @Test("the digest covers classes, their marks, the meaning of values and the places of labels")
    func digest() async throws {
        let layout = SegmentationLayout(.folders)
        try write("a", layout, values: [0, 1])
        func digest(_ layout: SegmentationLayout, _ list: String) async throws -> [UInt8] {
            let source = SegmentationDataset(
                root: try ImageRoot(folder.path),
                layout: layout,
                classes: try ClassList(text: list, source: "test")
            )
            return try await source.scan().index.digest
        }
        var ignoring = layout
        ignoring.ignored = [7]
        let digests = [
            try await digest(layout, "a\nb"), try await digest(layout, "a\nb\nc"),
            try await digest(layout, "a\nb|unseen"),
            try await digest(ignoring, "a\nb"),
        ]
        #expect(Set(digests).count == 4)
        #expect(try await digest(layout, "# again\nA\nb") == digests[0])
    }
}
