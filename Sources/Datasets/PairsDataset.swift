package import Images

/// Pictures and captions of a table: CSV, TSV or JSON lines, one caption a row, several rows for several captions.
///
/// Samples are the pictures in the order in which the table names them first. A row that is no pair, a picture that is not
/// there or no picture, and a picture without a usable caption are left out and recorded.
package struct PairsDataset: Sendable {
    package let table: String
    package let columns: PairColumns
    package let root: ImageRoot
    package let limits: ImageLimits
    package let minimumSide: Int

    package init(
        table: String,
        columns: PairColumns = PairColumns(),
        root: ImageRoot,
        limits: ImageLimits = .standard,
        minimumSide: Int = Dataset.standardMinimumSide
    ) {
        self.table = table
        self.columns = columns
        self.root = root
        self.limits = limits
        self.minimumSide = minimumSide
    }

    /// Reads the table and the header of every picture.
    package func scan() async throws(DatasetError) -> DatasetScan {
        let content = try PairTable.read(table, columns: columns)
        var rejected: [DatasetScan.RejectedImage] = []
        var listed: [(key: String, captions: [String])] = []
        var seen: Set<String> = []
        for picture in content.pictures {
            let (key, cause) = key(of: picture)
            if let cause {
                rejected.append(DatasetScan.RejectedImage(key: picture.name, reason: .record(cause)))
            } else if picture.captions.isEmpty {
                rejected.append(DatasetScan.RejectedImage(key: key, reason: .noCaption))
            } else if !seen.insert(key).inserted {
                let cause = "line \(picture.line) of \(table) names it by another spelling."
                rejected.append(DatasetScan.RejectedImage(key: picture.name, reason: .record(cause)))
            } else {
                listed.append((key, picture.captions))
            }
        }
        let reader = HeaderReader(root: root, limits: limits, minimumSide: minimumSide)
        var samples: [Sample] = []
        for (pair, outcome) in zip(listed, try await reader.outcomes(of: listed.map(\.key))) {
            switch outcome {
            case .header(let header):
                samples.append(
                    Sample(
                        id: Int64(samples.count),
                        key: pair.key,
                        width: header.width,
                        height: header.height,
                        captions: pair.captions
                    )
                )
            case .rejected(let reason): rejected.append(DatasetScan.RejectedImage(key: pair.key, reason: reason))
            }
        }
        let scan = DatasetScan(
            index: DatasetIndex(kind: .pairs, samples: samples),
            rejectedImages: rejected,
            rejectedRecords: content.rejected,
            warnings: content.warnings
        )
        guard samples.isEmpty else { return scan }
        let first = scan.rejections.first ?? "the table has no rows."
        throw .noSamples(path: table, root: root.name, rejected: scan.rejections.count, first: first)
    }

    /// The path below the root; tables often have whole paths or addresses, of which the root is the beginning.
    private func key(of picture: PairTable.Picture) -> (key: String, cause: String?) {
        let prefix = root.name.hasSuffix("/") ? root.name : root.name + "/"
        var key = picture.name
        if key.hasPrefix(prefix) { key.removeFirst(prefix.count) }
        while key.hasPrefix("./") { key.removeFirst(2) }
        if key.contains("://") {
            return (key, "line \(picture.line) of \(table): the address is not below \(root.name).")
        }
        guard (try? ImageKey(key)) != nil else {
            return (key, "line \(picture.line) of \(table): it leads out of \(root.name), or is no path.")
        }
        return (key, nil)
    }
}
