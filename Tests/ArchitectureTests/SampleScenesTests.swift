import Foundation
import Testing

@Suite("The sample scenes")
struct SampleScenesTests {
    struct Instances: Decodable {
        struct Image: Decodable {
            var id: Int
            var fileName: String
            var width: Int
            var height: Int
        }
        struct Annotation: Decodable {
            var imageId: Int
            var categoryId: Int
            var bbox: [Int]
            var area: Int
            var segmentation: RunLengths
            var cutOut: String
        }
        struct RunLengths: Decodable {
            var size: [Int]
            var counts: [Int]
        }
        struct Category: Decodable, Equatable {
            var id: Int
            var name: String
        }
        var images: [Image]
        var annotations: [Annotation]
        var categories: [Category]
    }

    static let folder = PackageGraph.folder.appending(path: "Deploy/samples")

    static func instances(_ split: String) throws -> Instances {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Instances.self, from: Data(contentsOf: folder.appending(path: "\(split).json")))
    }

    @Test("share no drawing between training and held-out, and one list of categories")
    func split() throws {
        let (training, heldOut) = try (Self.instances("training"), Self.instances("held-out"))
        let drawings = Set(training.annotations.map(\.cutOut))
        #expect(drawings.isDisjoint(with: heldOut.annotations.map(\.cutOut)))
        #expect(training.categories == heldOut.categories)
        #expect(Set(heldOut.annotations.map(\.categoryId)).isSubset(of: training.annotations.map(\.categoryId)))
    }

    @Test("are described as they lie there", arguments: ["training": 96, "held-out": 32].map { ($0.key, $0.value) })
    func files(split: String, count: Int) throws {
        let instances = try Self.instances(split)
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.appending(path: split).path)
        #expect(Set(instances.images.map(\.fileName)) == Set(files))
        #expect(files.count == count)
    }

    @Test("have masks of the stated area within the stated boxes", arguments: ["training", "held-out"])
    func masks(split: String) throws {
        let instances = try Self.instances(split)
        let images = Dictionary(uniqueKeysWithValues: instances.images.map { ($0.id, $0) })
        for annotation in instances.annotations {
            let image = try #require(images[annotation.imageId])
            let (size, counts) = (annotation.segmentation.size, annotation.segmentation.counts)
            #expect(size == [image.height, image.width])
            #expect(counts.reduce(0, +) == image.width * image.height)
            #expect(counts.enumerated().reduce(0) { $0 + ($1.offset % 2 == 1 ? $1.element : 0) } == annotation.area)
            let box = annotation.bbox
            #expect(box[0] >= 0 && box[1] >= 0 && box[0] + box[2] <= image.width && box[1] + box[3] <= image.height)
            #expect(annotation.area <= box[2] * box[3])
        }
    }

    @Test("stay small")
    func size() throws {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: Self.folder.path)
        let scenes = paths.filter { $0.hasPrefix("training") || $0.hasPrefix("held-out") }
        let sizes = try scenes.map { path in
            try FileManager.default.attributesOfItem(atPath: Self.folder.appending(path: path).path)[.size] as? Int ?? 0
        }
        #expect(sizes.reduce(0, +) < 4 << 20)
    }
}
