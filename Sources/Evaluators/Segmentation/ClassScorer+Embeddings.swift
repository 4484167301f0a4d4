package import Datasets

extension ClassScorer {
    /// Vectors of a file, for models without a text tower of their own: each name's is the embedding of that name.
    ///
    /// - Throws: `EvaluatorsError.unmatchedClasses` for names without an embedding; surplus embeddings do no harm.
    package init(_ list: ClassList, embeddings: ClassEmbeddings, scale: Double) throws(EvaluatorsError) {
        let (names, classes) = Self.rows(of: list, background: [])
        let places = Dictionary(
            embeddings.names.enumerated().map { (ClassName.normalised($1), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        let missing = names.filter { places[$0] == nil }
        guard missing.isEmpty else { throw .unmatchedClasses(labels: missing.map { .init(name: $0) }, classes: []) }
        let size = embeddings.size
        let vectors = names.compactMap { places[$0] }.flatMap { embeddings.vectors[$0 * size..<($0 + 1) * size] }
        self.init(vectors: vectors, classes: classes, count: names.count, scale: scale)
    }
}
