import Foundation

/// An annotation file in COCO's instances or captions format, as written: nothing is judged yet.
///
/// - SeeAlso: Lin et al. 2014, "Microsoft COCO: Common Objects in Context", and cocodataset.org, "Data format".
package struct COCOAnnotations: Sendable {
    package struct Picture: Sendable, Hashable {
        package let id: Int64?
        package let fileName: String?
        package let url: String?
        package let width: Int64?
        package let height: Int64?
    }

    package struct Annotation: Sendable, Hashable {
        package let id: Int64?
        package let pictureID: Int64?
        package let categoryID: Int64?
        /// Nil when it is absent, or not an array of numbers.
        package let box: [Double]?
        package let isCrowd: Bool
        /// Nil unless it was asked for.
        package let segmentation: Segmentation?
        /// What a captions file has in place of a box.
        package let caption: Caption?
    }

    package struct Category: Sendable, Hashable {
        package let id: Int64
        package let name: String
    }

    package let path: String
    package internal(set) var pictures: [Picture] = []
    package internal(set) var annotations: [Annotation] = []
    package internal(set) var categories: [Category] = []

    /// - Parameter includesSegmentations: outlines are most of the file and only evaluation needs them.
    package static func read(_ path: String, includesSegmentations: Bool = false) throws(DatasetError) -> Self {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw .unreadableFile(path: path, cause: error.localizedDescription)
        }
        var result = COCOAnnotations(path: path)
        do {
            try data.withUnsafeBytes { raw in
                var scanner = JSONScanner(raw.bindMemory(to: UInt8.self))
                try result.scan(&scanner, includesSegmentations)
            }
        } catch {
            let cause = (error as? JSONError).map { "not legal JSON at byte \($0.offset): \($0.cause)" }
            throw .invalidAnnotationFile(path: path, cause: cause ?? "\(error)")
        }
        return result
    }

    private init(path: String) {
        self.path = path
    }

    private mutating func scan(_ scanner: inout JSONScanner, _ includesSegmentations: Bool) throws(JSONError) {
        var missing: Set = ["images", "annotations"]
        var found = self
        try scanner.object { scanner, name throws(JSONError) in
            missing.remove(name)
            switch name {
            case "images":
                try scanner.array { scanner throws(JSONError) in found.pictures.append(try Picture(&scanner)) }
            case "annotations":
                try scanner.array { scanner throws(JSONError) in
                    found.annotations.append(try Annotation(&scanner, includesSegmentations))
                }
            case "categories":
                try scanner.array { scanner throws(JSONError) in
                    if let category = try Category(&scanner) { found.categories.append(category) }
                }
            default: try scanner.skip()
            }
        }
        try scanner.end()
        if let name = missing.sorted().last { throw JSONError(offset: scanner.offset, cause: "no `\(name)`") }
        self = found
    }
}

extension COCOAnnotations.Picture {
    fileprivate init(_ scanner: inout JSONScanner) throws(JSONError) {
        var (id, width, height): (Int64?, Int64?, Int64?)
        var (fileName, url): (String?, String?)
        try scanner.object { scanner, name throws(JSONError) in
            switch name {
            case "id": id = try scanner.integerOrNil()
            case "file_name": fileName = try scanner.stringOrNil()
            case "coco_url": url = try scanner.stringOrNil()
            case "width": width = try scanner.integerOrNil()
            case "height": height = try scanner.integerOrNil()
            default: try scanner.skip()
            }
        }
        self.init(id: id, fileName: fileName, url: url, width: width, height: height)
    }
}

extension COCOAnnotations.Annotation {
    fileprivate init(_ scanner: inout JSONScanner, _ includesSegmentation: Bool) throws(JSONError) {
        var (id, pictureID, categoryID): (Int64?, Int64?, Int64?)
        var box: [Double]?
        var isCrowd = false
        var segmentation: Segmentation?
        var caption: Caption?
        try scanner.object { scanner, name throws(JSONError) in
            switch name {
            case "id": id = try scanner.integerOrNil()
            case "image_id": pictureID = try scanner.integerOrNil()
            case "category_id": categoryID = try scanner.integerOrNil()
            case "bbox": box = try scanner.doublesOrNil()
            case "iscrowd": isCrowd = try scanner.flag()
            case "segmentation" where includesSegmentation: segmentation = try Segmentation(&scanner)
            case "caption": caption = try scanner.captionOrNil()
            default: try scanner.skip()
            }
        }
        self.init(
            id: id,
            pictureID: pictureID,
            categoryID: categoryID,
            box: box,
            isCrowd: isCrowd,
            segmentation: segmentation,
            caption: caption
        )
    }
}

extension COCOAnnotations.Category {
    /// Nil for a record without id or name: it could not be referred to.
    fileprivate init?(_ scanner: inout JSONScanner) throws(JSONError) {
        var id: Int64?
        var text: String?
        try scanner.object { scanner, name throws(JSONError) in
            switch name {
            case "id": id = try scanner.integerOrNil()
            case "name": text = try scanner.stringOrNil()
            default: try scanner.skip()
            }
        }
        guard let id, let text else { return nil }
        self.init(id: id, name: text)
    }
}
