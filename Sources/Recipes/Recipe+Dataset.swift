package import Datasets

extension Recipe.DataSource {
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
    }
}
