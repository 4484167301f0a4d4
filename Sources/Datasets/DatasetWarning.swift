/// A peculiarity of a dataset that did not stop anything: one a dataset, not one a picture.
package enum DatasetWarning: Sendable, Hashable {
    /// The files are believed, not the annotation file.
    case sizesDiffer(file: String, count: Int, firstKey: String)
    /// Records without `file_name`; the last two parts of `coco_url` stand in.
    case keysFromURL(file: String, count: Int, firstKey: String)
    /// Categories of a panoptic file that are no class of the list; their pixels are void.
    case unlistedCategories(file: String, count: Int, first: String)
    /// Captions that were repaired, cut or dropped.
    case captions(file: String, defect: Caption.Defect, count: Int, first: String)
}

extension DatasetWarning: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sizesDiffer(let file, let count, let key):
            "\(file): \(count) pictures have other sides than stated, first \(key). The pictures' own are used."
        case .keysFromURL(let file, let count, let key):
            "\(file): \(count) records have no file_name, first \(key). The last two parts of coco_url are used."
        case .unlistedCategories(let file, let count, let first):
            """
            \(file): \(count) \(count == 1 ? "category is" : "categories are") not in the list of classes, first \(first). \
            Their pixels are void.
            """
        case .captions(let file, let defect, let count, let first):
            "\(file): \(count) \(count == 1 ? "caption" : "captions") \(defect), first at \(first)."
        }
    }
}

extension Caption.Defect: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidUTF8: "with illegal UTF-8; U+FFFD stands in its place"
        case .controlCharacters: "with control characters, which were removed"
        case .tooLong: "of more than \(Caption.maximumByteCount) bytes, which were cut there"
        case .empty: "of nothing but white space, which were dropped"
        }
    }
}
