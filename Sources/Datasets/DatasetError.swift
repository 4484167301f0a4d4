/// What stops the indexing of a dataset or a job on it. A picture that is merely bad is a ``BadSample`` instead.
package enum DatasetError: Error, Hashable, Sendable {
    case invalidRoot(String, cause: String)
    case invalidKey(String, cause: String)
    case notFound(key: String, root: String)
    case unreadable(key: String, root: String, cause: String)
    case tooManyBytes(key: String, limit: Int)
    case changed(key: String, root: String, cause: String)
    case missingImages(count: Int, total: Int, first: String, root: String)
    case noImages(root: String)
    case unreadableFile(path: String, cause: String)
    case invalidAnnotationFile(path: String, cause: String)
    case invalidPanopticFile(path: String, cause: String)
    case missingColumn(path: String, role: String, wanted: [String], found: [String], setting: String)
    case invalidTable(path: String, cause: String)
    case invalidClassList(source: String, cause: String)
    /// Every line or member was rejected; `first` says why.
    case noSamples(path: String, root: String, rejected: Int, first: String)
    case invalidIndex(path: String, cause: String)
    case unknownSample(id: Int64, count: Int)
    case outOfMemory(key: String)
    case cancelled
}

extension DatasetError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidRoot(let root, let cause):
            "image root \(root): \(cause). Give a directory that exists, or an http(s) address without a query."
        case .invalidKey(let key, let cause):
            "image key \(key.debugDescription): \(cause). Keys are paths below the image root; correct the dataset."
        case .notFound(let key, let root):
            "\(key): not found under \(root). Check the image root, or index the dataset again."
        case .unreadable(let key, let root, let cause):
            "\(key): cannot be read from \(root) (\(cause)). Another machine may succeed; check disk or network here."
        case .tooManyBytes(let key, let limit):
            "\(key): more than \(limit) bytes. Store the picture smaller, or raise the limit."
        case .changed(let key, let root, let cause):
            "\(key): the picture under \(root) is not the one indexed (\(cause)). Restore it, or index again and start a new run."
        case .missingImages(let count, let total, let first, let root):
            "\(count) of \(total) pictures are not under \(root), first \(first). Correct the image root, or index with missing pictures allowed."
        case .noImages(let root):
            "\(root): no usable JPEG or PNG. Check the path; sub-folders are searched, hidden files are not."
        case .unreadableFile(let path, let cause):
            "\(path): \(cause). Check the path and its permissions."
        case .invalidAnnotationFile(let path, let cause):
            "\(path): \(cause). COCO's instances format is wanted: an object with `images` and `annotations`."
        case .invalidPanopticFile(let path, let cause):
            "\(path): \(cause). COCO's panoptic format is wanted: an object with `images`, `annotations` and `categories`."
        case .missingColumn(let path, let role, let wanted, let found, let setting):
            """
            \(path): no column for the \(role). It has \(found.map { "`\($0)`" }.joined(separator: ", ")); looked for \
            \(wanted.map { "`\($0)`" }.joined(separator: ", ")). Set \(setting) to the name of the column.
            """
        case .invalidTable(let path, let cause):
            "\(path): \(cause). A table of pairs is wanted: .csv, .tsv or .jsonl in UTF-8, with columns for image and caption."
        case .invalidClassList(let source, let cause):
            "\(source): \(cause). A list of classes has one name a line, synonyms behind ; and `| unseen` where it applies."
        case .noSamples(let path, let root, let rejected, let first):
            "\(path): nothing usable under \(root), \(rejected) left out, first: \(first) Check the root, then the file."
        case .invalidIndex(let path, let cause):
            "\(path): \(cause). Index the dataset again."
        case .unknownSample(let id, let count):
            "sample \(id): the index has \(count). The run was made for another dataset; use the one it names."
        case .outOfMemory(let key):
            "\(key): the memory for its pixels could not be had. Give this machine fewer jobs at a time."
        case .cancelled:
            "reading was cancelled."
        }
    }
}
