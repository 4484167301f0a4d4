import Images

/// Judges the records of an annotation file: which pictures they name, and which boxes are usable.
struct COCOCatalogue {
    struct Entry {
        let id: Int64
        let key: String
        let isFromURL: Bool
        let width: Int64?
        let height: Int64?
    }

    private let path: String
    private(set) var entries: [Entry] = []
    var rejectedImages: [DatasetScan.RejectedImage] = []
    private(set) var rejectedAnnotations: [DatasetScan.RejectedAnnotation] = []
    private var rejectedIDs: Set<Int64> = []
    private var positions: [Int64: Int] = [:]
    private var captionWarnings: [DatasetWarning] = []

    /// Picks the usable picture records, by id; of several with one id the first counts.
    init(_ content: COCOAnnotations) {
        path = content.path
        var seen: Set<Int64> = []
        for (position, picture) in content.pictures.enumerated() {
            let (key, isFromURL) = Self.key(of: picture)
            let name = key ?? picture.id.map { "image \($0)" } ?? "image at position \(position)"
            func reject(_ cause: String) {
                rejectedImages.append(DatasetScan.RejectedImage(key: name, reason: .record("\(path): \(cause)")))
            }
            guard let id = picture.id else {
                reject("its `id` is no whole number.")
                continue
            }
            guard let key else {
                reject("neither `file_name` nor a usable `coco_url`.")
                rejectedIDs.insert(id)
                continue
            }
            guard (try? ImageKey(key)) != nil else {
                reject("`file_name` leads out of the image root, or is no path.")
                rejectedIDs.insert(id)
                continue
            }
            guard seen.insert(id).inserted else {
                reject("a second image with id \(id).")
                continue
            }
            entries.append(
                Entry(id: id, key: key, isFromURL: isFromURL, width: picture.width, height: picture.height)
            )
        }
        entries.sort { $0.id < $1.id }
        positions = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.id, $0) })
    }

    /// `file_name`, else the last two parts of `coco_url` (LVIS leaves the name out).
    private static func key(of picture: COCOAnnotations.Picture) -> (key: String?, isFromURL: Bool) {
        if let name = picture.fileName, !name.isEmpty { return (name, false) }
        let parts = picture.url?.split(separator: "/").suffix(2) ?? []
        return parts.count == 2 ? (parts.joined(separator: "/"), true) : (nil, false)
    }

    /// Captions by position of their picture, in file order; those of unknown pictures are recorded as rejected.
    ///
    /// - Parameter file: which the annotations are from, if not from the catalogue's own.
    mutating func captions(
        of annotations: [COCOAnnotations.Annotation],
        in file: String? = nil,
        _ outcomes: [HeaderReader.Outcome]
    ) -> [Int: [String]] {
        var captions: [Int: [String]] = [:]
        var tally = CaptionTally()
        for (place, annotation) in annotations.enumerated() {
            guard let caption = annotation.caption, annotation.isCaption else { continue }
            let position = annotation.pictureID.flatMap { positions[$0] }
            if let judgement = judgePicture(of: annotation, position.map { outcomes[$0] }) {
                rejectedAnnotations.append(
                    DatasetScan.RejectedAnnotation(
                        file: file ?? path,
                        position: place,
                        annotationID: annotation.id,
                        reason: judgement
                    )
                )
                continue
            }
            let name = annotation.id.map { "annotation \($0)" } ?? "position \(place)"
            guard let text = tally.text(of: caption, at: name), let position else { continue }
            captions[position, default: []].append(text)
        }
        captionWarnings += tally.warnings(file: file ?? path)
        return captions
    }

    /// Why the picture of an annotation is of no use; nil where it is.
    private func judgePicture(
        of annotation: COCOAnnotations.Annotation,
        _ outcome: HeaderReader.Outcome?
    ) -> DatasetScan.RejectedAnnotation.Reason? {
        guard let image = annotation.pictureID else { return .noImageID }
        switch outcome {
        case nil: return rejectedIDs.contains(image) ? .rejectedImage(image) : .unknownImage(image)
        case .rejected: return .rejectedImage(image)
        case .header: return nil
        }
    }

    /// Boxes by position of their picture, in file order; the others are recorded as rejected.
    mutating func boxes(
        of annotations: [COCOAnnotations.Annotation],
        _ outcomes: [HeaderReader.Outcome]
    ) -> [Int: [AnnotationBox]] {
        var boxes: [Int: [AnnotationBox]] = [:]
        for (place, annotation) in annotations.enumerated() where !annotation.isCaption {
            let position = annotation.pictureID.flatMap { positions[$0] }
            switch judge(annotation, position.map { outcomes[$0] }) {
            case .success(let box): if let position { boxes[position, default: []].append(box) }
            case .failure(let judgement):
                rejectedAnnotations.append(
                    DatasetScan.RejectedAnnotation(
                        file: path,
                        position: place,
                        annotationID: annotation.id,
                        reason: judgement.reason
                    )
                )
            }
        }
        return boxes
    }

    private struct Judgement: Error {
        let reason: DatasetScan.RejectedAnnotation.Reason
    }

    private func judge(
        _ annotation: COCOAnnotations.Annotation,
        _ outcome: HeaderReader.Outcome?
    ) -> Result<AnnotationBox, Judgement> {
        func reject(_ reason: DatasetScan.RejectedAnnotation.Reason) -> Result<AnnotationBox, Judgement> {
            .failure(Judgement(reason: reason))
        }
        if let reason = judgePicture(of: annotation, outcome) { return reject(reason) }
        guard case .header(let header) = outcome else { return reject(.noImageID) }
        guard let box = annotation.box, box.count == 4 else { return reject(.notFourNumbers) }
        guard box.allSatisfy(\.isFinite) else { return reject(.notFinite) }
        guard AnnotationBox.isInRange(box) else { return reject(.beyondRange) }
        let (x, y, width, height) = (box[0], box[1], box[2], box[3])
        guard width > 0 && height > 0 else { return reject(.empty(width: width, height: height)) }
        guard x < Double(header.width) && y < Double(header.height) && x + width > 0 && y + height > 0 else {
            return reject(.outside(imageWidth: header.width, imageHeight: header.height))
        }
        return .success(
            AnnotationBox(
                annotationID: annotation.id ?? -1,
                categoryID: annotation.categoryID ?? 0,
                x: x,
                y: y,
                width: width,
                height: height,
                isCrowd: annotation.isCrowd
            )
        )
    }

    func warnings(_ outcomes: [HeaderReader.Outcome]) -> [DatasetWarning] {
        var warnings: [DatasetWarning] = []
        let differing = zip(entries, outcomes).filter { entry, outcome in
            guard case .header(let header) = outcome, let width = entry.width, let height = entry.height else {
                return false
            }
            return width != Int64(header.width) || height != Int64(header.height)
        }
        if let first = differing.first {
            warnings.append(.sizesDiffer(file: path, count: differing.count, firstKey: first.0.key))
        }
        let named = entries.filter(\.isFromURL)
        if let first = named.first {
            warnings.append(.keysFromURL(file: path, count: named.count, firstKey: first.key))
        }
        return warnings + captionWarnings
    }
}

extension COCOAnnotations.Annotation {
    /// A box may have a caption of its own, which is none of the picture.
    fileprivate var isCaption: Bool { caption != nil && box == nil }
}
