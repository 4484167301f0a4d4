import Datasets
import Foundation
import Testing

@Suite("DatasetIndex")
struct DatasetIndexTests {
    private let folder: TemporaryFolder
    private let samples = [
        Sample(id: 0, key: "a/ü.jpg", width: 640, height: 480),
        Sample(
            id: 1,
            key: "b.png",
            width: 10,
            height: 4000,
            boxes: [
                AnnotationBox(annotationID: 7, categoryID: 3, x: -0.5, y: 0.1, width: 20, height: 1e-3),
                AnnotationBox(annotationID: -1, x: 1, y: 2, width: 3, height: 4, isCrowd: true),
            ]
        ),
    ]

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("what is written comes back equal, digest included")
    func roundTrip() throws {
        let index = DatasetIndex(kind: .coco, samples: samples)
        try index.write(to: folder.path + "/index")
        let read = try DatasetIndex.read(from: folder.path + "/index")
        #expect(read == index)
        #expect(read.digest.count == 32 && read.digestText.count == 64)
        let empty = DatasetIndex(kind: .folder, samples: [])
        try empty.write(to: folder.path + "/index")
        #expect(try DatasetIndex.read(from: folder.path + "/index") == empty)
    }

    @Test("the digest is that of the documented encoding, so other programs can compute it")
    func canonical() {
        let index = DatasetIndex(kind: .folder, samples: [Sample(id: 0, key: "a", width: 2, height: 1)])
        // sha256 of 01 | 01 00*7 | 01 00 00 00 | 61 | 02 00 00 00 | 01 00 00 00 | 00 00 00 00
        #expect(index.digestText == "dc55c2979db78987a8c8fba4318e95e42c0d3021633ccb15e2c05362fd7c0af8")
    }

    private let captioned = [
        Sample(id: 0, key: "a.jpg", width: 4, height: 3, captions: ["a dog", "ein Hund"]),
        Sample(
            id: 1,
            key: "s.tar/b.png",
            width: 1,
            height: 1,
            captions: ["🐕"],
            label: -7,
            place: ShardPlace(file: "s.tar", offset: 1 << 40, byteCount: 9)
        ),
    ]

    @Test("captions, labels, places in shards and files come back equal")
    func extendedRoundTrip() throws {
        let file = IndexedFile(key: "sprites/dog/noto-1.png", bytes: [1, 2, 3])
        for kind in [DatasetIndex.Kind.folder, .coco, .pairs, .webDataset, .scenes] {
            let index = DatasetIndex(kind: kind, samples: captioned, files: [file])
            try index.write(to: folder.path + "/index")
            let read = try DatasetIndex.read(from: folder.path + "/index")
            #expect(read == index && read.captionCount == 3)
        }
    }

    @Test("an index without captions is written as ever, byte for byte, so that digests in ledgers stay valid")
    func firstVersion() throws {
        let path = folder.path + "/index"
        try DatasetIndex(kind: .folder, samples: [Sample(id: 0, key: "a", width: 2, height: 1)]).write(to: path)
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        let expected: [UInt8] =
            Array("stillidx".utf8) + [
                1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x61, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
            ]
        #expect(bytes.dropLast(32) == expected[...])
    }

    @Test("the digest changes with captions, their order, labels, places and files")
    func extendedSensitivity() {
        func index(_ change: (inout Sample) -> Void, files: [IndexedFile] = []) -> [UInt8] {
            var samples = captioned
            change(&samples[1])
            return DatasetIndex(kind: .pairs, samples: samples, files: files).digest
        }
        func sample(
            _ captions: [String] = ["x", "y"],
            label: Int64? = nil,
            place: ShardPlace? = nil
        ) -> (inout Sample) -> Void {
            { $0 = Sample(id: 1, key: "k", width: 1, height: 1, captions: captions, label: label, place: place) }
        }
        func place(_ file: String = "s", _ offset: Int64 = 1, _ count: Int64 = 2) -> ShardPlace {
            ShardPlace(file: file, offset: offset, byteCount: count)
        }
        let digests = [
            index { _ in }, index(sample()), index(sample(["y", "x"])), index(sample(["xy"])), index(sample([])),
            index(sample(label: 0)), index(sample(label: 1)), index(sample(place: place())),
            index(sample(place: place("t"))), index(sample(place: place("s", 2))),
            index(sample(place: place("s", 1, 3))),
            index(sample(), files: [IndexedFile(key: "f", bytes: [])]),
            index(sample(), files: [IndexedFile(key: "f", bytes: [0])]),
        ]
        #expect(Set(digests).count == digests.count)
    }

    @Test("an index of a version to come is refused by that name")
    func laterVersion() throws {
        try folder.write(Array("stillidx".utf8) + [4] + [UInt8](repeating: 0, count: 64), to: "index")
        let path = folder.path + "/index"
        let cause = "an index of version 4, which this program does not know"
        #expect(throws: DatasetError.invalidIndex(path: path, cause: cause)) { try DatasetIndex.read(from: path) }
    }

    @Test("the digest changes with every field")
    func sensitivity() {
        func digest(_ kind: DatasetIndex.Kind = .coco, _ change: (inout [Sample]) -> Void) -> [UInt8] {
            var samples = samples
            change(&samples)
            return DatasetIndex(kind: kind, samples: samples).digest
        }
        func box(
            _ x: Double = 1,
            _ width: Double = 3,
            category: Int64 = 0,
            annotation: Int64 = -1,
            isCrowd: Bool = true
        ) -> AnnotationBox {
            AnnotationBox(
                annotationID: annotation,
                categoryID: category,
                x: x,
                y: 2,
                width: width,
                height: 4,
                isCrowd: isCrowd
            )
        }
        func sample(_ boxes: [AnnotationBox], _ key: String = "b.png", _ width: Int = 10, _ height: Int = 4000)
            -> Sample
        {
            Sample(id: 1, key: key, width: width, height: height, boxes: boxes)
        }
        let digests = [
            digest { _ in }, digest(.folder) { _ in }, digest { $0.removeLast() },
            digest { $0[1] = sample([]) }, digest { $0[1] = sample([], "c.png") },
            digest { $0[1] = sample([], "b.png", 11) },
            digest { $0[1] = sample([], "b.png", 10, 4001) }, digest { $0[1] = sample([box()]) },
            digest { $0[1] = sample([box(1.5)]) }, digest { $0[1] = sample([box(1, 4)]) },
            digest { $0[1] = sample([box(category: 1)]) }, digest { $0[1] = sample([box(annotation: 5)]) },
            digest { $0[1] = sample([box(isCrowd: false)]) },
        ]
        #expect(Set(digests).count == digests.count)
    }

    /// Label values, or panoptic segments.
    private func labelled(hasSegments: Bool) throws -> DatasetIndex {
        let classes = try ClassList(text: "dog;puppy\ncat | unseen", source: "test")
        let segments = [LabelFile.Segment(number: 7, id: 1), .init(number: 70_000, id: LabelMap.void)]
        let samples = (0..<2).map { id in
            Sample(
                id: Int64(id),
                key: "images/\(id).jpg",
                width: 4,
                height: 3,
                labelFile: LabelFile(key: "labels/\(id).png", segments: hasSegments && id == 1 ? segments : [])
            )
        }
        let values = LabelValues.reducingZero(classCount: 2).ignoring([300])
        let labelling = Labelling(classes: classes, encoding: hasSegments ? .segments : .values(values))
        return DatasetIndex(kind: .segmentation, samples: samples, labelling: labelling)
    }

    @Test("label files, what they mean and the classes come back equal, as version 3", arguments: [false, true])
    func labels(hasSegments: Bool) throws {
        let index = try labelled(hasSegments: hasSegments)
        let path = folder.path + "/index"
        try index.write(to: path)
        #expect(try DatasetIndex.read(from: path) == index)
        #expect(Array(try Data(contentsOf: URL(filePath: path)))[8..<12] == [3, 0, 3, 6])
        #expect(index.classes?.unseen == [1])
    }

    @Test("a class, a value or a segment that the list does not have is refused, though the digest is right")
    func absurdLabels() throws {
        let classes = try ClassList(text: "dog\ncat", source: "test")
        let segments = [
            [LabelFile.Segment(number: 1, id: 2)], [.init(number: 0, id: 1)], [.init(number: 1 << 24, id: 1)],
        ]
        for segments in segments {
            let file = LabelFile(key: "l.png", segments: segments)
            let sample = Sample(id: 0, key: "a.jpg", width: 1, height: 1, labelFile: file)
            let labelling = Labelling(classes: classes, encoding: .segments)
            try DatasetIndex(kind: .segmentation, samples: [sample], labelling: labelling).write(
                to: folder.path + "/index"
            )
            #expect(throws: DatasetError.self) { try DatasetIndex.read(from: folder.path + "/index") }
        }
        let sample = Sample(id: 0, key: "a.jpg", width: 1, height: 1, labelFile: LabelFile(key: "l.png"))
        let labelling = Labelling(classes: classes, encoding: .values(LabelValues([0: 2])))
        try DatasetIndex(kind: .segmentation, samples: [sample], labelling: labelling).write(to: folder.path + "/index")
        #expect(throws: DatasetError.self) { try DatasetIndex.read(from: folder.path + "/index") }
    }

    @Test("a file cut short, or changed in any byte, is refused", arguments: [1, 2, 3])
    func damaged(version: Int) throws {
        let path = folder.path + "/index"
        let index =
            try version == 3
            ? labelled(hasSegments: true) : DatasetIndex(kind: .coco, samples: version == 2 ? captioned : samples)
        try index.write(to: path)
        let bytes = Array(try Data(contentsOf: URL(filePath: path)))
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            try folder.write(changed, to: "index")
            #expect(throws: DatasetError.self, "byte \(place)") { try DatasetIndex.read(from: path) }
            try folder.write(bytes.prefix(place), to: "index")
            #expect(throws: DatasetError.self, "\(place) bytes") { try DatasetIndex.read(from: path) }
        }
        #expect(throws: DatasetError.unreadableFile(path: path + "x", cause: "no such file")) {
            try DatasetIndex.read(from: path + "x")
        }
    }

    @Test("a sample that the index does not have is an error, not a trap", arguments: [-1, 2, Int64.max])
    func unknown(id: Int64) throws {
        let index = DatasetIndex(kind: .coco, samples: samples)
        #expect(throws: DatasetError.unknownSample(id: id, count: 2)) { try index.sample(id) }
        #expect(try index.sample(1).key == "b.png")
    }

    @Test("a box of absurd size is refused, though its digest is right", arguments: [1.7e308, 2e9])
    func absurdBox(width: Double) throws {
        let box = AnnotationBox(annotationID: 1, x: -width / 2, y: 0, width: width, height: 4)
        let sample = Sample(id: 0, key: "a.jpg", width: 9, height: 9, boxes: [box])
        try DatasetIndex(kind: .coco, samples: [sample]).write(to: folder.path + "/index")
        #expect(throws: DatasetError.self) { try DatasetIndex.read(from: folder.path + "/index") }
    }
}
