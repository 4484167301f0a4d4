package import Datasets

extension Recipe.DataSource {
    /// Reads annotations and every picture's header.
    ///
    /// - Parameters:
    ///   - root: this machine's place of the pictures; nil for the recipe's.
    ///   - allowsMissing: whether a COCO file may list pictures that the root lacks.
    /// - Returns: what indexing found, with its rejections and warnings, and the dataset to train on.
    package func open(
        root: String? = nil,
        allowsMissing: Bool = false
    ) async throws(DatasetError) -> (scan: DatasetScan, dataset: Dataset) {
        let place = try ImageRoot(root ?? self.root)
        let columns = PairColumns(image: imageColumn, caption: captionColumn)
        let scan =
            switch kind {
            case .coco:
                try await COCODataset(
                    annotationFile: annotations ?? "",
                    captionFile: captions,
                    root: place,
                    missingImages: allowsMissing ? .reject : .fail
                ).scan()
            case .folder: try await FolderDataset(root: place).scan()
            case .pairs: try await PairsDataset(table: annotations ?? "", columns: columns, root: place).scan()
            case .scenes: try await ScenesDataset(root: place, size: scenes?.size ?? 0).scan()
            case .segmentation: try await segmentationDataset(at: place).scan()
            case .webdataset: try await WebDataset(root: place, shards: shards, columns: columns).scan()
            }
        return (scan, try await dataset(scan.index, at: place))
    }

    /// The dataset of an index that was made before, without reading any picture; of scenes, their parts.
    ///
    /// - Parameters:
    ///   - index: a file written by `dataset index`.
    ///   - root: this machine's place of the pictures; nil for the recipe's.
    package func open(index: String, root: String? = nil) async throws(DatasetError) -> Dataset {
        try await dataset(DatasetIndex.read(from: index), at: ImageRoot(root ?? self.root))
    }

    private func segmentationDataset(at root: ImageRoot) throws(DatasetError) -> SegmentationDataset {
        guard let layout = segmentation?.resolvedLayout, let classes = segmentation?.classes else {
            throw .invalidRoot(root.name, cause: "data.segmentation names no layout or no classes")
        }
        return SegmentationDataset(
            root: root,
            layout: layout,
            classes: try ClassList.named(classes),
            list: segmentation?.list,
            annotations: annotations
        )
    }

    private func dataset(_ index: DatasetIndex, at root: ImageRoot) async throws(DatasetError) -> Dataset {
        guard kind == .scenes else { return Dataset(index: index, root: root) }
        guard let size = scenes?.size, size > 0, let difficulty = scenes?.schedule else {
            throw .invalidRoot(root.name, cause: "data.scenes names no size or no difficulty")
        }
        let parts = try await SceneParts(index, root: root)
        let composer = SceneComposer(parts, size: size, difficulty: difficulty, captions: scenes?.captions ?? .all)
        return Dataset(index: index, root: root, composer: composer)
    }
}
