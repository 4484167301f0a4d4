package import Images

/// Pictures, boxes and captions of annotation files in COCO's format, in the order of the image ids.
///
/// A record with `caption` and without `bbox` is a caption of its picture; a second file may have them. As soon as there is
/// one caption it is a dataset of pairs, and pictures without any are left out and recorded.
package struct COCODataset: Sendable {
    /// What to do about pictures that the file lists and the root does not have.
    package enum MissingImages: Sendable {
        /// Most likely the root is wrong: stop.
        case fail
        /// A subset is meant: leave them out and say so.
        case reject
    }

    package let annotationFile: String
    /// A file in COCO's captions format for the same pictures; its own list of pictures is not looked at.
    package let captionFile: String?
    package let root: ImageRoot
    package let limits: ImageLimits
    package let minimumSide: Int
    package let missingImages: MissingImages

    package init(
        annotationFile: String,
        captionFile: String? = nil,
        root: ImageRoot,
        limits: ImageLimits = .standard,
        minimumSide: Int = Dataset.standardMinimumSide,
        missingImages: MissingImages = .fail
    ) {
        self.annotationFile = annotationFile
        self.captionFile = captionFile
        self.root = root
        self.limits = limits
        self.minimumSide = minimumSide
        self.missingImages = missingImages
    }

    /// Reads the file and every picture's header; sides come from the pictures.
    package func scan() async throws(DatasetError) -> DatasetScan {
        let content = try COCOAnnotations.read(annotationFile)
        var catalogue = COCOCatalogue(content)
        let keys = catalogue.entries.map(\.key)
        let reader = HeaderReader(root: root, limits: limits, minimumSide: minimumSide)
        let outcomes = try await reader.outcomes(of: keys)
        try checkMissing(keys, outcomes)
        let boxes = catalogue.boxes(of: content.annotations, outcomes)
        var captions = catalogue.captions(of: content.annotations, outcomes)
        if let captionFile {
            let texts = try COCOAnnotations.read(captionFile)
            captions.merge(catalogue.captions(of: texts.annotations, in: captionFile, outcomes)) { $0 + $1 }
        }
        let wantsCaptions = captionFile != nil || !captions.isEmpty
        var samples: [Sample] = []
        for (position, (entry, outcome)) in zip(catalogue.entries, outcomes).enumerated() {
            switch outcome {
            case .header where wantsCaptions && captions[position] == nil:
                catalogue.rejectedImages.append(DatasetScan.RejectedImage(key: entry.key, reason: .noCaption))
            case .header(let header):
                samples.append(
                    Sample(
                        id: Int64(samples.count),
                        key: entry.key,
                        width: header.width,
                        height: header.height,
                        boxes: boxes[position] ?? [],
                        captions: captions[position] ?? []
                    )
                )
            case .rejected(let reason):
                catalogue.rejectedImages.append(DatasetScan.RejectedImage(key: entry.key, reason: reason))
            }
        }
        if samples.isEmpty { throw .noImages(root: root.name) }
        return DatasetScan(
            index: DatasetIndex(kind: .coco, samples: samples),
            rejectedImages: catalogue.rejectedImages,
            rejectedAnnotations: catalogue.rejectedAnnotations,
            warnings: catalogue.warnings(outcomes)
        )
    }

    private func checkMissing(_ keys: [String], _ outcomes: [HeaderReader.Outcome]) throws(DatasetError) {
        guard missingImages == .fail else { return }
        let missing = zip(keys, outcomes).filter { _, outcome in
            if case .rejected(.missing) = outcome { true } else { false }
        }
        guard let first = missing.first else { return }
        throw .missingImages(count: missing.count, total: keys.count, first: first.0, root: root.name)
    }
}
