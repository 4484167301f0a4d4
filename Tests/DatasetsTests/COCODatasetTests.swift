import Datasets
import Foundation
import Images
import Testing

@Suite("COCODataset")
struct COCODatasetTests {
    private let folder: TemporaryFolder
    private let file: String

    init() throws {
        folder = try TemporaryFolder()
        file = folder.path + "/instances.json"
        for name in ["9.jpg", "2.jpg", "val2017/5.jpg"] { try folder.writePicture(name, width: 64, height: 48) }
    }

    private func scan(_ json: String, missing: COCODataset.MissingImages = .fail) async throws -> DatasetScan {
        try folder.write(json, to: "instances.json")
        let dataset = COCODataset(annotationFile: file, root: try ImageRoot(folder.path), missingImages: missing)
        return try await dataset.scan()
    }

    private let images = """
        {"id": 9, "file_name": "9.jpg", "width": 64, "height": 48}, {"height": 48, "width": 64, "id": 2, "file_name": "2.jpg"}
        """

    @Test("samples come in the order of image ids, boxes in the order of the file, ids and categories kept")
    func order() async throws {
        let scan = try await scan(
            """
            {"info": {"a": [1, {"b": null}], "c": "\\"}"}, "images": [\(images)], "licenses": [],
             "annotations": [
                {"id": 3, "image_id": 2, "category_id": 18, "bbox": [1.5, 2, 3e1, 4.25], "iscrowd": 1, "area": 1},
                {"id": 1, "image_id": 2, "category_id": 17, "bbox": [-5, -5, 6, 6], "segmentation": [[1, 2]]},
                {"id": 2, "image_id": 9, "bbox": [63, 47, 500, 500]}]}
            """
        )
        #expect(scan.index.kind == .coco)
        #expect(
            scan.index.samples == [
                Sample(
                    id: 0,
                    key: "2.jpg",
                    width: 64,
                    height: 48,
                    boxes: [
                        AnnotationBox(
                            annotationID: 3,
                            categoryID: 18,
                            x: 1.5,
                            y: 2,
                            width: 30,
                            height: 4.25,
                            isCrowd: true
                        ),
                        AnnotationBox(annotationID: 1, categoryID: 17, x: -5, y: -5, width: 6, height: 6),
                    ]
                ),
                Sample(
                    id: 1,
                    key: "9.jpg",
                    width: 64,
                    height: 48,
                    boxes: [AnnotationBox(annotationID: 2, x: 63, y: 47, width: 500, height: 500)]
                ),
            ]
        )
        #expect(scan.rejectedImages.isEmpty && scan.rejectedAnnotations.isEmpty && scan.warnings.isEmpty)
    }

    @Test("each unusable annotation is recorded with file, id and reason; the others stay")
    func rejectedAnnotations() async throws {
        let boxes: [(String, DatasetScan.RejectedAnnotation.Reason)] = [
            (#""image_id": 77, "bbox": [1, 1, 5, 5]"#, .unknownImage(77)),
            (#""bbox": [1, 1, 5, 5]"#, .noImageID),
            (#""image_id": "2", "bbox": [1, 1, 5, 5]"#, .noImageID),
            (#""image_id": 2"#, .notFourNumbers),
            (#""image_id": 2, "bbox": null"#, .notFourNumbers),
            (#""image_id": 2, "bbox": {"x": 1}"#, .notFourNumbers),
            (#""image_id": 2, "bbox": [1, 1, 5]"#, .notFourNumbers),
            (#""image_id": 2, "bbox": [1, 1, 5, 5, 5]"#, .notFourNumbers),
            (#""image_id": 2, "bbox": [1, 1, "5", 5]"#, .notFourNumbers),
            (#""image_id": 2, "bbox": [1, 1, [5], 5]"#, .notFourNumbers),
            (#""image_id": 2, "bbox": [NaN, 1, 5, 5]"#, .notFinite),
            (#""image_id": 2, "bbox": [1, 1, Infinity, 5]"#, .notFinite),
            (#""image_id": 2, "bbox": [-1e308, 1, 1.7e308, 5]"#, .beyondRange),
            (#""image_id": 2, "bbox": [1, 1, 2e9, 5]"#, .beyondRange),
            (#""image_id": 2, "bbox": [1, -Infinity, 5, 5]"#, .notFinite),
            (#""image_id": 2, "bbox": [1, 1, 1e999, 5]"#, .notFinite),
            (#""image_id": 2, "bbox": [1, 1, 0, 5]"#, .empty(width: 0, height: 5)),
            (#""image_id": 2, "bbox": [1, 1, 5, -5]"#, .empty(width: 5, height: -5)),
            (#""image_id": 2, "bbox": [64, 1, 5, 5]"#, .outside(imageWidth: 64, imageHeight: 48)),
            (#""image_id": 2, "bbox": [1, -5, 5, 5]"#, .outside(imageWidth: 64, imageHeight: 48)),
        ]
        let records = boxes.enumerated().map { #"{"id": \#(100 + $0), \#($1.0)}"# }.joined(separator: ",\n")
        let scan = try await scan(
            #"{"images": [\#(images)], "annotations": [\#(records), {"id": 1, "image_id": 2, "bbox": [1, 1, 5, 5]}]}"#
        )
        #expect(
            scan.rejectedAnnotations
                == boxes.enumerated().map {
                    .init(file: file, position: $0, annotationID: Int64(100 + $0), reason: $1.1)
                }
        )
        #expect(scan.index.samples[0].boxes.map(\.annotationID) == [1])
        for rejected in scan.rejectedAnnotations {
            #expect(rejected.description.hasPrefix("\(file): annotation \(rejected.annotationID ?? 0): "))
        }
    }

    @Test("a record without file_name takes the last two parts of coco_url, with one warning")
    func keyFromURL() async throws {
        let scan = try await scan(
            """
            {"annotations": [{"image_id": 5, "bbox": [0, 0, 9, 9]}], "images": [\(images),
                {"id": 5, "coco_url": "http://images.cocodataset.org/val2017/5.jpg", "width": 64, "height": 48}]}
            """
        )
        #expect(scan.index.samples.map(\.key) == ["2.jpg", "val2017/5.jpg", "9.jpg"])
        #expect(scan.index.samples[1].boxes.map(\.annotationID) == [-1])
        #expect(scan.warnings == [.keysFromURL(file: file, count: 1, firstKey: "val2017/5.jpg")])
    }

    @Test("sides come from the pictures; a file that says otherwise earns one warning")
    func sizes() async throws {
        let scan = try await scan(
            """
            {"images": [{"id": 1, "file_name": "9.jpg", "width": 48, "height": 64},
                {"id": 2, "file_name": "2.jpg", "width": 1, "height": 1}, {"id": 3, "file_name": "val2017/5.jpg"}],
             "annotations": []}
            """
        )
        #expect(scan.index.samples.allSatisfy { $0.width == 64 && $0.height == 48 })
        #expect(scan.warnings == [.sizesDiffer(file: file, count: 2, firstKey: "9.jpg")])
    }

    @Test("unusable image records are recorded, and so are the annotations that hang on them")
    func rejectedImages() async throws {
        try folder.write("no picture", to: "text.jpg")
        let scan = try await scan(
            """
            {"images": [\(images), {"id": "x", "file_name": "a.jpg"}, {"id": 3}, {"id": 4, "file_name": "../9.jpg"},
                {"id": 2, "file_name": "9.jpg"}, {"id": 6, "file_name": "text.jpg"}],
             "annotations": [{"id": 1, "image_id": 4, "bbox": [0, 0, 1, 1]}, {"id": 2, "image_id": 6, "bbox": [0, 0, 1, 1]}]}
            """
        )
        #expect(scan.index.samples.map(\.key) == ["2.jpg", "9.jpg"])
        #expect(Set(scan.rejectedImages.map(\.key)) == ["a.jpg", "image 3", "../9.jpg", "9.jpg", "text.jpg"])
        #expect(scan.rejectedAnnotations.map(\.reason) == [.rejectedImage(4), .rejectedImage(6)])
    }

    @Test("missing pictures stop the indexing, or are left out when that is wanted")
    func missing() async throws {
        let json = """
            {"images": [\(images), {"id": 1, "file_name": "gone.jpg"}], "annotations": [{"id": 8, "image_id": 1, "bbox": [0, 0, 1, 1]}]}
            """
        await #expect(throws: DatasetError.missingImages(count: 1, total: 3, first: "gone.jpg", root: folder.path)) {
            try await scan(json)
        }
        let subset = try await scan(json, missing: .reject)
        #expect(subset.index.count == 2)
        #expect(subset.rejectedImages == [.init(key: "gone.jpg", reason: .missing)])
        #expect(subset.rejectedAnnotations.map(\.reason) == [.rejectedImage(1)])
    }

    @Test(
        "a file that is no such JSON is an error with path and place",
        arguments: [
            "", "[]", "{", #"{"images": []}"#, #"{"images": [], "annotations": [{]}"#,
            #"{"images": 3, "annotations": []}"#,
            #"{"images": [1], "annotations": []}"#, #"{"images": [], "annotations": []} x"#,
            #"{"images": [], "annotations": ["#,
            #"{"images": [{"id": 1x}], "annotations": []"#, #"{"images": [], "annotations": [], "a": "\ud800"#, "{\"a",
            #"{"a": }"#, #"{"a": [1,,2]], "images": [], "annotations": []}"#,
        ]
    )
    func malformed(json: String) async throws {
        let error = await #expect(throws: DatasetError.self) { try await scan(json) }
        guard case .invalidAnnotationFile(path: file, let cause) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.contains("byte"))
    }

    @Test("every prefix of a good file is an error, never a smaller dataset")
    func prefixes() async throws {
        let json =
            #"{"images": [{"id": 2, "file_name": "2.jpg"}], "annotations": [{"id": 1, "image_id": 2, "bbox": [1, 1, 2, 2]}]}"#
        for count in 0..<json.utf8.count {
            await #expect(throws: DatasetError.self, "\(count) bytes") { try await scan(String(json.prefix(count))) }
        }
        #expect(try await scan(json).index.count == 1)
    }

    @Test("names with escapes are read as JSON means them")
    func escapes() async throws {
        try folder.writePicture("ü \"q\"😀.jpg")
        let scan = try await scan(
            #"{"images": [{"id": 1, "file_name": "\u00fc \"q\"\ud83d\ude00.jpg"}], "annotations": []}"#
        )
        #expect(scan.index.samples.map(\.key) == ["ü \"q\"😀.jpg"])
    }

    @Test("five captions a picture come in the order of the file; a picture without any is left out")
    func captions() async throws {
        let records = (0..<5).map { #"{"id": \#(10 - $0), "image_id": 2, "caption": "caption \#($0)"}"# }
        let scan = try await scan(
            #"{"images": [\#(images)], "annotations": [\#(records.joined(separator: ",")), {"id": 50, "image_id": 9, "caption": " \n"}, {"id": 51, "image_id": 7, "caption": "of nothing"}]}"#
        )
        #expect(scan.index.samples.map(\.key) == ["2.jpg"])
        #expect(scan.index.samples[0].captions == (0..<5).map { "caption \($0)" })
        #expect(scan.rejectedImages == [.init(key: "9.jpg", reason: .noCaption)])
        #expect(scan.rejectedAnnotations.map(\.reason) == [.unknownImage(7)])
        #expect(scan.warnings == [.captions(file: file, defect: .empty, count: 1, first: "annotation 50")])
    }

    @Test("boxes of one file and captions of another meet on the picture")
    func boxesAndCaptions() async throws {
        try folder.write(
            """
            {"images": [{"id": 2, "file_name": "elsewhere.jpg"}], "annotations": [
                {"id": 1, "image_id": 2, "caption": "a \\ud83d\\udc15 in \\"snow\\" \\udc15"},
                {"id": 2, "image_id": 9, "caption": "a cat"}]}
            """,
            to: "captions.json"
        )
        try folder.write(
            #"{"images": [\#(images)], "annotations": [{"id": 1, "image_id": 2, "bbox": [1, 1, 2, 2], "caption": "of the box"}]}"#,
            to: "instances.json"
        )
        let captions = folder.path + "/captions.json"
        let root = try ImageRoot(folder.path)
        let scan = try await COCODataset(annotationFile: file, captionFile: captions, root: root).scan()
        #expect(scan.index.samples.map(\.key) == ["2.jpg", "9.jpg"])
        #expect(scan.index.samples[0].boxes.count == 1 && scan.index.samples[1].boxes.isEmpty)
        #expect(scan.index.samples.map(\.captions) == [["a 🐕 in \"snow\" \u{FFFD}"], ["a cat"]])
        #expect(
            scan.warnings == [.captions(file: captions, defect: .invalidUTF8, count: 1, first: "annotation 1")]
        )
        #expect(scan.rejectedAnnotations.isEmpty)
    }

    @Test("pictures over http are indexed alike, and give the same digest")
    func http() async throws {
        let json = #"{"images": [\#(images)], "annotations": [{"id": 1, "image_id": 2, "bbox": [1, 1, 2, 2]}]}"#
        let local = try await scan(json)
        let path = folder.path
        let server = try TinyHTTPServer { request in
            guard let body = try? Data(contentsOf: URL(filePath: path + request.path)) else {
                return TinyHTTPServer.response("404 Not Found")
            }
            return TinyHTTPServer.response("200 OK", Array(body))
        }
        let remote = try await COCODataset(annotationFile: file, root: ImageRoot(server.address)).scan()
        #expect(remote.index.digest == local.index.digest)
        guard case .loaded(let loaded) = try await Dataset(index: remote.index, root: ImageRoot(server.address)).load(0)
        else {
            Issue.record("bad")
            return
        }
        #expect(loaded.image.width == 64)
    }
}
