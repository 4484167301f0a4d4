package import Datasets

/// Pictures of which each bears the name of its class.
package struct LabelledImages: Sendable {
    package let dataset: Dataset
    /// The label of each sample; nil for a sample that has none, or several, and is among `unusable`.
    package let labels: [String?]
    /// What indexing left out, and samples without one label.
    package let unusable: [UnusablePicture]
    /// All labels, sorted by their bytes; also those of which no picture can be used.
    package let names: [String]

    /// The names as texts have them: sorted, an underscore is a space, and two spellings of one name are one class.
    package var spokenNames: [String] { Set(names.map { $0.replacing("_", with: " ") }).sorted() }

    /// A tree in ImageNet's form, `root/<class>/…/picture.jpg`: the first folder names the class.
    package static func folders(below root: ImageRoot) async throws(DatasetError) -> LabelledImages {
        let scan = try await FolderDataset(root: root).scan()
        return LabelledImages(
            scan,
            root: root,
            labels: scan.index.samples.map { label(of: $0.key) },
            further: scan.rejectedImages.compactMap { label(of: $0.key) },
            problem: { _ in "it lies in no folder that names its class." }
        )
    }

    /// A table, CSV, TSV or JSON lines, with a picture and its label a row.
    ///
    /// - Parameter columns: the caption's column is the label's; without one it is `label`.
    package static func table(
        _ path: String,
        columns: PairColumns = PairColumns(),
        root: ImageRoot
    ) async throws(DatasetError) -> LabelledImages {
        let columns = PairColumns(image: columns.image, caption: columns.caption ?? "label")
        let scan = try await PairsDataset(table: path, columns: columns, root: root).scan()
        return LabelledImages(
            scan,
            root: root,
            labels: scan.index.samples.map { Set($0.captions).count == 1 ? $0.captions.first : nil },
            further: [],
            problem: { "it has several labels: \(Set($0.captions).sorted().joined(separator: ", "))." }
        )
    }

    private init(
        _ scan: DatasetScan,
        root: ImageRoot,
        labels: [String?],
        further: [String],
        problem: (Sample) -> String
    ) {
        dataset = Dataset(index: scan.index, root: root)
        self.labels = labels
        let unlabelled = zip(scan.index.samples, labels).filter { $1 == nil }.map(\.0)
        unusable =
            UnusablePicture.all(of: scan) + unlabelled.map { UnusablePicture(key: $0.key, reason: problem($0)) }
        names = Set(labels.compactMap { $0 } + further).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func label(of key: String) -> String? {
        let parts = key.split(separator: "/")
        return parts.count > 1 ? String(parts[0]) : nil
    }
}
