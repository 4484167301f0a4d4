import Foundation
import Images

/// A composed scene as COCO has it: one record for the picture, one for each object, one for the caption.
package struct SceneRecord: Sendable {
    /// JSON objects, each on a line of its own.
    package let picture: String
    package let annotations: [String]

    private struct Picture: Encodable {
        let id: Int
        let fileName: String
        let width: Int
        let height: Int
    }

    private struct Object: Encodable {
        struct Runs: Encodable {
            let size: [Int]
            let counts: [Int]
        }

        let id: Int
        let imageID: Int
        let categoryID: Int64
        let bbox: [Int]
        let area: Int
        let iscrowd: Int
        let segmentation: Runs
    }

    private struct Caption: Encodable {
        let id: Int
        let imageID: Int
        let caption: String
    }

    /// - Parameters:
    ///   - number: of the picture, from 1.
    ///   - fileName: below the folder of the pictures.
    ///   - firstAnnotation: the number of its first annotation; the others follow.
    package init(_ scene: Scene, number: Int, fileName: String, firstAnnotation: Int) throws {
        let (width, height) = (scene.image.width, scene.image.height)
        picture = try Self.json(Picture(id: number, fileName: fileName, width: width, height: height))
        var records = try scene.objects.enumerated().map { position, object in
            let mask = scene.mask(of: position)
            return try Self.json(
                Object(
                    id: firstAnnotation + position,
                    imageID: number,
                    categoryID: object.box.categoryID,
                    bbox: [object.box.x, object.box.y, object.box.width, object.box.height].map { Int($0) },
                    area: mask.area,
                    iscrowd: 0,
                    segmentation: Object.Runs(size: [height, width], counts: mask.runLengths)
                )
            )
        }
        let number = Caption(id: firstAnnotation + records.count, imageID: number, caption: scene.caption)
        records.append(try Self.json(number))
        annotations = records
    }

    /// A list of names as COCO's categories, numbered from 1.
    package static func categories(_ names: [String]) throws -> [String] {
        struct Category: Encodable {
            let id: Int
            let name: String
        }
        return try names.enumerated().map { try json(Category(id: $0 + 1, name: $1)) }
    }

    /// A whole file, one record a line, so that a change of one scene is a short difference.
    package static func file(categories: [String], pictures: [String], annotations: [String]) -> String {
        func list(_ name: String, _ lines: [String]) -> String {
            "\"\(name)\": [\n" + lines.joined(separator: ",\n") + "\n]"
        }
        let lists = [list("categories", categories), list("images", pictures), list("annotations", annotations)]
        return "{\n" + lists.joined(separator: ",\n") + "\n}\n"
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension SegmentationMask {
    /// COCO's run lengths: down the columns, zeros first.
    package var runLengths: [Int] {
        var runs: [Int] = []
        var (isInside, length) = (false, 0)
        for x in 0..<width {
            for y in 0..<height {
                if self[x, y] != isInside {
                    runs.append(length)
                    (isInside, length) = (!isInside, 0)
                }
                length += 1
            }
        }
        return runs + [length]
    }
}
