package import Checkpoints
import Foundation
import OrderedCollections

/// One unit vector a class, to compare regions with: usually the mean of a text tower's answers to some templates.
///
/// As a file: safetensors with the tensor `embeddings` [C, E] and, in the metadata, `names`, a JSON array of C strings.
package struct ClassEmbeddings: Sendable, Hashable {
    package let names: [String]
    /// `[C, E]`, row by row, each row of length 1.
    package let vectors: [Float]

    package var count: Int { names.count }
    /// E.
    package var size: Int { vectors.count / names.count }

    /// - Parameter vectors: `[C, E]`; rows are normalised here.
    /// - Throws: `EvaluatorsError.malformedClassEmbeddings` for no classes, names given twice, or a row without direction.
    package init(names: [String], vectors: [Float], source: String = "class embeddings") throws(EvaluatorsError) {
        func fail(_ reason: String) -> EvaluatorsError { .malformedClassEmbeddings(file: source, reason: reason) }
        guard !names.isEmpty, !vectors.isEmpty, vectors.count % names.count == 0 else {
            throw fail("\(names.count) names and \(vectors.count) numbers do not make one row a name")
        }
        var seen: Set<String> = []
        if let twice = names.first(where: { !seen.insert($0).inserted }) {
            throw fail("the name \"\(twice)\" stands there twice")
        }
        let size = vectors.count / names.count
        var unit = vectors
        for (row, name) in names.enumerated() {
            let range = row * size..<(row + 1) * size
            let length = vectors[range].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard length.isFinite, length > 1e-12 else { throw fail("the row of \"\(name)\" has length \(length)") }
            for index in range { unit[index] = Float(Double(vectors[index]) / length) }
        }
        self.names = names
        self.vectors = unit
    }

    /// Reads the file form.
    package init(path: String) throws {
        let checkpoint = try Checkpoint.read(path)
        guard let tensor = checkpoint.tensors["embeddings"], tensor.shape.count == 2 else {
            throw EvaluatorsError.malformedClassEmbeddings(file: path, reason: "it has no tensor `embeddings` [C, E]")
        }
        guard let text = checkpoint.metadata["names"],
            let names = try? JSONDecoder().decode([String].self, from: Data(text.utf8)), names.count == tensor.shape[0]
        else {
            throw EvaluatorsError.malformedClassEmbeddings(
                file: path,
                reason: "its metadata lacks `names`, a JSON array of \(tensor.shape[0]) strings"
            )
        }
        try self.init(names: names, vectors: tensor.floats(), source: path)
    }

    /// The file form.
    package func checkpoint() throws -> Checkpoint {
        let names = String(decoding: try JSONEncoder().encode(names), as: UTF8.self)
        return Checkpoint(
            tensors: ["embeddings": CheckpointTensor(vectors, shape: [count, size])],
            metadata: ["names": names]
        )
    }
}
