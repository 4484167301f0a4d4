package import Images

/// Pictures with a label file each, paired by their names, in the bytewise order of the pictures' paths or in that of a list.
///
/// Pixels are taken as stored on both sides: where there are labels, EXIF turns nothing.
package struct SegmentationDataset: Sendable {
    package let root: ImageRoot
    package let layout: SegmentationLayout
    package let classes: ClassList
    /// A file below the root with the names of the pictures that are meant, one a line, with or without extension.
    package let list: String?
    /// The JSON of ``SegmentationLayout/Name/panoptic``.
    package let annotations: String?
    package let limits: ImageLimits
    package let minimumSide: Int

    package init(
        root: ImageRoot,
        layout: SegmentationLayout,
        classes: ClassList,
        list: String? = nil,
        annotations: String? = nil,
        limits: ImageLimits = .standard,
        minimumSide: Int = Dataset.standardMinimumSide
    ) {
        self.root = root
        self.layout = layout
        self.classes = classes
        self.list = list
        self.annotations = annotations
        self.limits = limits
        self.minimumSide = minimumSide
    }

    /// Reads every picture's header and every label file whole; what cannot be used is left out and recorded, with the file
    /// and the value.
    ///
    /// - Throws: `invalidClassList` for a list of another length than the layout's, `noSamples` where nothing can be used.
    package func scan() async throws(DatasetError) -> DatasetScan {
        if let wanted = layout.classCount, wanted != classes.count {
            let cause = "\(classes.count) classes, but the layout \(layout.name.rawValue) has \(wanted)"
            throw .invalidClassList(source: "the list of classes", cause: cause)
        }
        let (pairs, unpaired, warnings) = try await pairs()
        var rejected = unpaired
        let reader = HeaderReader(root: root, limits: limits, minimumSide: minimumSide)
        var candidates: [Sample] = []
        for (pair, outcome) in zip(pairs, try await reader.outcomes(of: pairs.map(\.picture))) {
            switch outcome {
            case .header(let header):
                candidates.append(
                    Sample(
                        id: Int64(candidates.count),
                        key: pair.picture,
                        width: header.width,
                        height: header.height,
                        labelFile: pair.label
                    )
                )
            case .rejected(let reason): rejected.append(.init(key: pair.picture, reason: reason))
            }
        }
        let labelling = Labelling(classes: classes, encoding: layout.encoding(for: classes))
        let verdicts = try await LabelReader(root: root, limits: limits, labelling: labelling).verdicts(on: candidates)
        var samples: [Sample] = []
        for (candidate, verdict) in zip(candidates, verdicts) {
            if let verdict {
                rejected.append(.init(key: candidate.key, reason: verdict))
            } else {
                samples.append(candidate.numbered(Int64(samples.count)))
            }
        }
        if samples.isEmpty {
            let first = rejected.first.map { "\($0)" } ?? "no picture has a label file."
            throw .noSamples(path: layout.labels, root: root.name, rejected: rejected.count, first: first)
        }
        return DatasetScan(
            index: DatasetIndex(kind: .segmentation, samples: samples, labelling: labelling),
            rejectedImages: rejected,
            warnings: warnings
        )
    }

    private typealias Pairs = ([SegmentationPair], [DatasetScan.RejectedImage], [DatasetWarning])

    private func pairs() async throws(DatasetError) -> Pairs {
        if layout.name == .panoptic {
            let content = try PanopticAnnotations.read(annotations ?? "")
            let catalogue = try PanopticCatalogue(content, layout, classes)
            return (catalogue.pairs, catalogue.rejected, catalogue.warnings)
        }
        let names = try SegmentationNames(root: root, layout: layout)
        guard let list else { return (try names.all(), [], []) }
        let bytes = try await root.bytes(of: list)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .unreadableFile(path: list, cause: "it is not UTF-8 text")
        }
        let (pairs, rejected) = names.listed(text, in: list)
        return (pairs, rejected, [])
    }
}
