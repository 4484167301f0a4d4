package import Datasets

/// What an annotation file says about regions beyond their boxes: names of categories, and outlines.
package struct RegionAnnotations: Sendable {
    private let names: [Int64: String]
    private let outlines: [Int64: Segmentation]

    /// - Parameter file: read with `includesSegmentations`, or masks are left out.
    package init(_ file: COCOAnnotations) {
        names = Dictionary(file.categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        let pairs = file.annotations.compactMap { annotation in
            annotation.id.flatMap { id in annotation.segmentation.map { (id, $0) } }
        }
        outlines = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    package init(path: String) throws(DatasetError) {
        self.init(try COCOAnnotations.read(path, includesSegmentations: true))
    }

    var hasOutlines: Bool { !outlines.isEmpty }

    /// The mask of an annotation; nil where the file has none that can be drawn.
    func mask(of annotation: Int64, width: Int, height: Int) -> SegmentationMask? {
        outlines[annotation].flatMap { try? SegmentationMask($0, width: width, height: height) }
    }

    /// The class of each category that occurs, by its name.
    ///
    /// - Throws: `EvaluatorsError.unknownClasses` when a name has no embedding: leaving its regions out silently would
    ///   change the mean.
    func classes(of categories: Set<Int64>, in embeddings: ClassEmbeddings) throws(EvaluatorsError) -> [Int64: Int] {
        let indices = Dictionary(uniqueKeysWithValues: embeddings.names.enumerated().map { ($1, $0) })
        var classes: [Int64: Int] = [:]
        var unknown: [String] = []
        for category in categories.sorted() {
            let name = names[category] ?? "category \(category)"
            if let index = indices[name] { classes[category] = index } else { unknown.append(name) }
        }
        guard unknown.isEmpty else { throw .unknownClasses(unknown) }
        return classes
    }
}
