import Crypto
import Datasets
import Foundation
import Images
import Objectives
import TestSupport

extension FuzzDecoder {
    /// An annotation file: its records judged, its outlines rasterised, its boxes cropped.
    static let coco = FuzzDecoder(
        name: "coco",
        memoryBound: 256,
        corpus: { [Array(annotations.utf8), Array(#"{"images":[],"annotations":[]}"#.utf8)] },
        mutate: TextMutation.json(
            words: [
                "images", "annotations", "categories", "id", "image_id", "category_id", "bbox", "segmentation",
                "counts",
                "size", "iscrowd", "file_name", "coco_url", "rgb8.png", "ooo0", "PPYo1", "PPPPPPPPPPPPPPPP1",
            ],
            values: [
                "[1e308,1,1e308,1]", "[-1e308,0,2e307,9]", "[-1e308,0,1.79e308,9]", "[[1,1,9,1,9,9]]", "[24,36]",
                "[[-99999,0,99999,1,-99999,2,99999,3,-99999,4]]", "{\"counts\":\"ooo0\",\"size\":[24,36]}",
                "{\"counts\":[9223372036854775807,1],\"size\":[24,36]}", "[0,864]",
            ]
        ).apply,
        decode: { bytes, workspace in
            await verdict(DatasetError.self) {
                let path = try workspace.write(bytes, to: "instances.json")
                let content = try COCOAnnotations.read(path, includesSegmentations: true)
                for outline in content.annotations.compactMap(\.segmentation) {
                    _ = try? SegmentationMask(outline, width: 36, height: 24)
                }
                let root = try ImageRoot(TestFile.path("ImagesTests/Fixtures"))
                let dataset = COCODataset(annotationFile: path, root: root, minimumSide: 1, missingImages: .reject)
                let scan = try await dataset.scan()
                _ = scan.rejectedImages.map(\.description) + scan.rejectedAnnotations.map(\.description)
                for sample in scan.index.samples {
                    for box in sample.boxes {
                        _ = CropRectangle(box, scale: 1.5, imageWidth: sample.width, imageHeight: sample.height)
                    }
                }
            }
        }
    )

    /// An index on disk, its digest made right again: what matters is what lies beneath.
    static let datasetIndex = FuzzDecoder(
        name: "dataset-index",
        memoryBound: 256,
        corpus: {
            let directory = try TemporaryDirectory()
            let box = AnnotationBox(annotationID: 7, categoryID: 1, x: 1, y: 2, width: 30, height: 4.5, isCrowd: true)
            let samples = [
                Sample(id: 0, key: "a.jpg", width: 64, height: 48, boxes: [box, box]),
                Sample(id: 1, key: "b/ü.png", width: 32, height: 32, boxes: []),
            ]
            let place = ShardPlace(file: "s.tar", offset: 512, byteCount: 99)
            let captioned = [
                Sample(id: 0, key: "s.tar/a.jpg", width: 9, height: 9, captions: ["ä", "b"], label: 3, place: place)
            ]
            let file = IndexedFile(key: "dog.png", bytes: [1])
            let segments = [LabelFile.Segment(number: 7, id: 1), .init(number: 70_000, id: LabelMap.void)]
            let labelled = [
                Sample(id: 0, key: "i.jpg", width: 9, height: 9, labelFile: LabelFile(key: "l.png", segments: segments))
            ]
            let bare = [Sample(id: 0, key: "i.jpg", width: 9, height: 9, labelFile: LabelFile(key: "l.png"))]
            let classes = try ClassList(text: "dog;puppy\ncat | unseen", source: "fuzz")
            let values = Labelling(classes: classes, encoding: .values(.reducingZero(classCount: 2)))
            let panoptic = Labelling(classes: classes, encoding: .segments)
            return try [
                DatasetIndex(kind: .coco, samples: samples), DatasetIndex(kind: .folder, samples: samples),
                DatasetIndex(kind: .webDataset, samples: captioned, files: [file]),
                DatasetIndex(kind: .segmentation, samples: bare, labelling: values),
                DatasetIndex(kind: .segmentation, samples: labelled, labelling: panoptic),
            ].map { index in
                try index.write(to: directory("index"))
                let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory("index"))))
                return Array(bytes.dropLast(32))
            }
        },
        mutate: ByteMutation.apply,
        decode: { bytes, workspace in
            await verdict(DatasetError.self) {
                let digest = SHA256.hash(data: bytes.dropFirst(9))
                let index = try DatasetIndex.read(from: try workspace.write(bytes + Array(digest), to: "index"))
                for sample in index.samples {
                    for box in sample.boxes {
                        _ = CropRectangle(box, scale: 1.5, imageWidth: sample.width, imageHeight: sample.height)
                    }
                }
            }
        }
    )

    /// COCO's three spellings of an outline, LVIS's way to name a picture, and records that are refused.
    private static let annotations = """
        {"info": {"description": "fuzz", "version": "1"}, "licenses": [{"id": 1, "name": "none"}],
        "categories": [{"id": 1, "name": "air\\u0070lane"}, {"id": 2, "name": "apple", "supercategory": "fruit"}],
        "images": [
        {"id": 3, "file_name": "jpeg420.jpg", "width": 36, "height": 24, "license": 1},
        {"id": 1, "coco_url": "http://images.cocodataset.org/train2017/rgb8.png", "width": 36, "height": 24},
        {"id": 2, "file_name": "rgb8.png", "width": 1, "height": 1}, {"id": 4, "file_name": "no-such.jpg"}],
        "annotations": [
        {"id": 1, "image_id": 3, "category_id": 1, "bbox": [1.5, 2, 10.25, 9], "area": 92.25, "iscrowd": 0,
         "segmentation": [[1.5, 2, 11.75, 2, 11.75, 11, 1.5, 11], [20, 20, 30, 20.5, 25, 23]]},
        {"id": 2, "image_id": 2, "category_id": 2, "bbox": [0, 0, 36, 24], "iscrowd": 1,
         "segmentation": {"counts": [0, 432, 432], "size": [24, 36]}},
        {"id": 3, "image_id": 2, "category_id": 2, "bbox": [-5, -5, 8, 1e1], "iscrowd": false,
         "segmentation": {"counts": "PPYo1", "size": [24, 36]}},
        {"id": 4, "image_id": 2, "bbox": [0, 0, NaN, 3]}, {"id": 5, "image_id": 77, "bbox": [0, 0, 1, 1]}]}
        """
}
