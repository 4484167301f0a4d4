import Foundation

/// COCO's panoptic annotation file, as written: which segments the pictures of labels hold, and their categories.
///
/// - SeeAlso: Kirillov et al. 2019, arXiv:1801.00868, and cocodataset.org, "Data format".
package struct PanopticAnnotations: Sendable {
    package struct Segment: Sendable, Hashable {
        package let number: Int64?
        package let categoryID: Int64?
    }

    package struct Annotation: Sendable, Hashable {
        package let pictureID: Int64?
        package let fileName: String?
        package let segments: [Segment]
    }

    package let path: String
    /// File names of the pictures by id; of several with one id the first counts.
    package private(set) var pictures: [Int64: String] = [:]
    package private(set) var annotations: [Annotation] = []
    /// Names by id; of several with one id the first counts.
    package private(set) var categories: [Int64: String] = [:]

    package static func read(_ path: String) throws(DatasetError) -> Self {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw .unreadableFile(path: path, cause: error.localizedDescription)
        }
        var result = PanopticAnnotations(path: path)
        do {
            try data.withUnsafeBytes { raw in
                var scanner = JSONScanner(raw.bindMemory(to: UInt8.self))
                try result.scan(&scanner)
            }
        } catch {
            let cause = (error as? JSONError).map { "not legal JSON at byte \($0.offset): \($0.cause)" }
            throw .invalidPanopticFile(path: path, cause: cause ?? "\(error)")
        }
        return result
    }

    private init(path: String) {
        self.path = path
    }

    private mutating func scan(_ scanner: inout JSONScanner) throws(JSONError) {
        var missing: Set = ["images", "annotations", "categories"]
        var found = self
        try scanner.object { scanner, name throws(JSONError) in
            missing.remove(name)
            switch name {
            case "images":
                try scanner.array { scanner throws(JSONError) in
                    try Self.named("file_name", &scanner, into: &found.pictures)
                }
            case "categories":
                try scanner.array { scanner throws(JSONError) in
                    try Self.named("name", &scanner, into: &found.categories)
                }
            case "annotations":
                try scanner.array { scanner throws(JSONError) in found.annotations.append(try Annotation(&scanner)) }
            default: try scanner.skip()
            }
        }
        try scanner.end()
        if let name = missing.sorted().last { throw JSONError(offset: scanner.offset, cause: "no `\(name)`") }
        self = found
    }

    /// A record's name by its `id`; one without either cannot be referred to.
    private static func named(
        _ key: String,
        _ scanner: inout JSONScanner,
        into names: inout [Int64: String]
    ) throws(JSONError) {
        var (id, text): (Int64?, String?)
        try scanner.object { scanner, name throws(JSONError) in
            switch name {
            case "id": id = try scanner.integerOrNil()
            case key: text = try scanner.stringOrNil()
            default: try scanner.skip()
            }
        }
        if let id, let text, names[id] == nil { names[id] = text }
    }
}

extension PanopticAnnotations.Annotation {
    fileprivate init(_ scanner: inout JSONScanner) throws(JSONError) {
        var (pictureID, fileName): (Int64?, String?)
        var segments: [PanopticAnnotations.Segment] = []
        try scanner.object { scanner, name throws(JSONError) in
            switch name {
            case "image_id": pictureID = try scanner.integerOrNil()
            case "file_name": fileName = try scanner.stringOrNil()
            case "segments_info":
                try scanner.array { scanner throws(JSONError) in
                    segments.append(try PanopticAnnotations.Segment(&scanner))
                }
            default: try scanner.skip()
            }
        }
        self.init(pictureID: pictureID, fileName: fileName, segments: segments)
    }
}

extension PanopticAnnotations.Segment {
    fileprivate init(_ scanner: inout JSONScanner) throws(JSONError) {
        var (number, categoryID): (Int64?, Int64?)
        try scanner.object { scanner, name throws(JSONError) in
            switch name {
            case "id": number = try scanner.integerOrNil()
            case "category_id": categoryID = try scanner.integerOrNil()
            default: try scanner.skip()
            }
        }
        self.init(number: number, categoryID: categoryID)
    }
}
