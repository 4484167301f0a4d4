package import Datasets

extension Recipe.DataSource {
<<<<<<< HEAD
    /// Indexes the images: reads every header, and the annotations where there are some.
    package func scan() async throws -> DatasetScan {
        let root = try ImageRoot(root)
        switch kind {
        case .folder: return try await FolderDataset(root: root).scan()
        case .coco: return try await COCODataset(annotationFile: annotations ?? "", root: root).scan()
        }
    }

    /// The dataset, from an index file if there is one, else from a scan.
    package func open(index file: String? = nil) async throws -> Dataset {
        let index = if let file { try DatasetIndex(contentsOf: file) } else { try await scan().index }
        return Dataset(index: index, root: try ImageRoot(root))
=======
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
>>>>>>> objectives
    }
}
