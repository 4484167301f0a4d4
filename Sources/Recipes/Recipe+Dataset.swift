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
            case .webdataset: try await WebDataset(root: place, shards: shards, columns: columns).scan()
            }
        return (scan, Dataset(index: scan.index, root: place))
    }
}
