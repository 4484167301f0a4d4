package import Datasets

extension Recipe.DataSource {
    /// Reads the annotation file and every picture's header.
    ///
    /// - Parameter root: this machine's place of the pictures; nil for the recipe's.
    /// - Returns: what indexing found, with its rejections and warnings, and the dataset to train on.
    package func open(root: String? = nil) async throws(DatasetError) -> (scan: DatasetScan, dataset: Dataset) {
        let place = try ImageRoot(root ?? self.root)
        let scan =
            switch kind {
            case .coco: try await COCODataset(annotationFile: annotations ?? "", root: place).scan()
            case .folder: try await FolderDataset(root: place).scan()
            }
        return (scan, Dataset(index: scan.index, root: place))
    }
}
