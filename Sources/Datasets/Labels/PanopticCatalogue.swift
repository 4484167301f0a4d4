/// Judges the records of a panoptic file: which pictures have labels, and the class of each segment.
struct PanopticCatalogue {
    private(set) var pairs: [SegmentationPair] = []
    private(set) var rejected: [DatasetScan.RejectedImage] = []
    private(set) var warnings: [DatasetWarning] = []
    private let classByCategory: [Int64: UInt8]

    /// - Throws: `invalidPanopticFile` where no category is a class of the list.
    init(_ content: PanopticAnnotations, _ layout: SegmentationLayout, _ classes: ClassList) throws(DatasetError) {
        var unlisted: [String] = []
        var ids: [Int64: UInt8] = [:]
        for (category, name) in content.categories.sorted(by: { $0.key < $1.key }) {
            let id = classes.id(of: name) ?? classes.id(of: ClassName.spoken(name))
            if id == nil { unlisted.append(name) }
            ids[category] = id.map { UInt8($0) } ?? LabelMap.void
        }
        guard unlisted.count < content.categories.count else {
            throw .invalidPanopticFile(path: content.path, cause: "none of its categories is in the list of classes")
        }
        classByCategory = ids
        if let first = unlisted.first {
            warnings.append(.unlistedCategories(file: content.path, count: unlisted.count, first: first))
        }
        var used: Set<String> = []
        for (position, annotation) in content.annotations.enumerated() {
            let name = annotation.fileName ?? "annotation at position \(position)"
            func reject(_ cause: String) {
                rejected.append(.init(key: name, reason: .record("\(content.path): \(cause)")))
            }
            guard let file = annotation.fileName else {
                reject("it has no `file_name`.")
                continue
            }
            guard let picture = annotation.pictureID.flatMap({ content.pictures[$0] }) else {
                reject("its `image_id` is not among the file's images.")
                continue
            }
            switch segments(of: annotation) {
            case .failure(let cause): reject(cause.text)
            case .success(let segments):
                let (key, labelKey) = ("\(layout.pictures)/\(picture)", "\(layout.labels)/\(file)")
                guard (try? ImageKey(key)) != nil, (try? ImageKey(labelKey)) != nil else {
                    reject("a `file_name` leads out of the root, or is no path.")
                    continue
                }
                guard used.insert(key).inserted else {
                    reject("a second annotation of \(picture).")
                    continue
                }
                let label = LabelFile(key: labelKey, segments: segments)
                pairs.append(SegmentationPair(picture: key, label: label))
            }
        }
        pairs.sort { $0.picture.utf8.lexicographicallyPrecedes($1.picture.utf8) }
    }

    private struct Cause: Error {
        let text: String
    }

    private func segments(of annotation: PanopticAnnotations.Annotation) -> Result<[LabelFile.Segment], Cause> {
        var ids: [UInt32: UInt8] = [:]
        for segment in annotation.segments {
            guard let number = segment.number, (1..<1 << 24).contains(number) else {
                return .failure(Cause(text: "a segment whose `id` is not from 1 to 16777215."))
            }
            guard let id = segment.categoryID.flatMap({ classByCategory[$0] }) else {
                return .failure(Cause(text: "segment \(number) has no category of the file."))
            }
            guard ids.updateValue(id, forKey: UInt32(number)) == nil else {
                return .failure(Cause(text: "segment \(number) stands there twice."))
            }
        }
        return .success(ids.sorted { $0.key < $1.key }.map { LabelFile.Segment(number: $0.key, id: $0.value) })
    }
}
