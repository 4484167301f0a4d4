package import Images

/// All JPEG and PNG files of a directory tree, in the bytewise order of their paths; no annotations.
///
/// Files count by their extension (jpg, jpeg, jpe, png, in any case) and are then judged by their bytes. Hidden files and
/// folders are passed over; links are followed, circles are cut.
package struct FolderDataset: Sendable {
    package let root: ImageRoot
    package let limits: ImageLimits
    package let minimumSide: Int

    package init(
        root: ImageRoot,
        limits: ImageLimits = .standard,
        minimumSide: Int = Dataset.standardMinimumSide
    ) {
        self.root = root
        self.limits = limits
        self.minimumSide = minimumSide
    }

    /// Reads every header.
    ///
    /// - Throws: `invalidRoot` for an http root, which cannot be listed: index a copy on disk and bring the index file along.
    package func scan() async throws(DatasetError) -> DatasetScan {
        guard let directory = root.directory else {
            throw .invalidRoot(root.name, cause: "an http root cannot be listed")
        }
        let keys = try DirectoryTree.files(below: directory) { name in
            let parts = name.split(separator: ".")
            return parts.count > 1 && ["jpg", "jpeg", "jpe", "png"].contains(parts[parts.count - 1].lowercased())
        }
        let reader = HeaderReader(root: root, limits: limits, minimumSide: minimumSide)
        var samples: [Sample] = []
        var rejected: [DatasetScan.RejectedImage] = []
        for (key, outcome) in zip(keys, try await reader.outcomes(of: keys)) {
            switch outcome {
            case .header(let header):
                samples.append(
                    Sample(id: Int64(samples.count), key: key, width: header.width, height: header.height)
                )
            case .rejected(let reason): rejected.append(DatasetScan.RejectedImage(key: key, reason: reason))
            }
        }
        if samples.isEmpty { throw .noImages(root: root.name) }
        return DatasetScan(
            index: DatasetIndex(kind: .folder, samples: samples),
            rejectedImages: rejected
        )
    }
}
