import Foundation

/// Finds the picture and the label file that belong to a name.
struct SegmentationNames {
    private static let extensions = [".jpg", ".jpeg", ".jpe", ".png"]

    private let root: ImageRoot
    private let layout: SegmentationLayout
    /// Paths below the folder of the pictures by their name without extension; nil where the root cannot be listed.
    private let pictures: [String: String]?

    init(root: ImageRoot, layout: SegmentationLayout) throws(DatasetError) {
        (self.root, self.layout) = (root, layout)
        guard let directory = root.directory else {
            pictures = nil
            return
        }
        var found: [String: String] = [:]
        for path in try DirectoryTree.files(below: "\(directory)/\(layout.pictures)", where: Self.isPicture) {
            // Of two pictures with one name the first counts, in every run alike.
            if found[Self.stem(path)] == nil { found[Self.stem(path)] = path }
        }
        pictures = found
    }

    /// Every picture with a label file: many data sets label only some.
    ///
    /// - Throws: `invalidRoot` for an http root, which cannot be listed.
    func all() throws(DatasetError) -> [SegmentationPair] {
        guard let pictures, let directory = root.directory else {
            throw .invalidRoot(root.name, cause: "an http root cannot be listed; name the pictures in a list")
        }
        let suffix = layout.labelSuffix
        return try DirectoryTree.files(below: "\(directory)/\(layout.labels)") { $0.hasSuffix(suffix) }
            .compactMap { label in pictures[String(label.dropLast(suffix.count))].map { pair($0, label: label) } }
    }

    /// - Parameter text: a name a line; white space around it and empty lines say nothing.
    func listed(_ text: String, in file: String) -> ([SegmentationPair], [DatasetScan.RejectedImage]) {
        var pairs: [SegmentationPair] = []
        var rejected: [DatasetScan.RejectedImage] = []
        var seen: Set<String> = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let name = line.trimmingCharacters(in: .whitespaces)
            if name.isEmpty { continue }
            let stem = Self.stem(name)
            // A server is asked for what the list says, or for a JPEG as all these data sets have.
            let guess = stem == name ? stem + ".jpg" : name
            let picture = pictures == nil ? guess : pictures?[stem]
            let key = "\(layout.pictures)/\(picture ?? guess)"
            func reject(_ cause: String) {
                rejected.append(.init(key: key, reason: .record("\(file), line \(index + 1): \(cause)")))
            }
            guard (try? ImageKey(key)) != nil else {
                reject("it leads out of the image root, or is no path.")
                continue
            }
            guard seen.insert(stem).inserted else {
                reject("it stands there twice.")
                continue
            }
            guard let picture else {
                rejected.append(.init(key: key, reason: .missing))
                continue
            }
            pairs.append(pair(picture, label: stem + layout.labelSuffix))
        }
        return (pairs, rejected)
    }

    private func pair(_ picture: String, label: String) -> SegmentationPair {
        SegmentationPair(picture: "\(layout.pictures)/\(picture)", label: LabelFile(key: "\(layout.labels)/\(label)"))
    }

    private static func isPicture(_ name: String) -> Bool { stem(name) != name }

    /// Without the extension of a picture.
    private static func stem(_ name: String) -> String {
        let lower = name.lowercased()
        guard let ending = extensions.first(where: { lower.hasSuffix($0) }) else { return name }
        return String(name.dropLast(ending.count))
    }
}
