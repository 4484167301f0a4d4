import Checkpoints
import Evaluators
import OrderedCollections
import TestSupport
import Testing

@Suite("Class embeddings")
struct ClassEmbeddingsTests {
    @Test("the file form survives a round trip, rows coming back with length 1")
    func roundTrip() throws {
        let folder = try TemporaryDirectory()
        let embeddings = try ClassEmbeddings(names: ["cat", "fire engine \"red\""], vectors: [3, 4, 0, -2])
        #expect(embeddings.vectors == [0.6, 0.8, 0, -1])
        #expect((embeddings.count, embeddings.size) == (2, 2))
        try SafetensorsFile.write(embeddings.checkpoint(), to: folder("classes.safetensors"))
        let read = try ClassEmbeddings(path: folder("classes.safetensors"))
        #expect(read.names == embeddings.names)
        for (found, expected) in zip(read.vectors, embeddings.vectors) { #expect(abs(found - expected) < 1e-7) }
    }

    @Test("names without rows, names given twice and rows without direction are refused")
    func malformed() {
        let cases: [([String], [Float])] = [
            ([], []), (["a", "b"], [1, 2, 3]), (["a", "a"], [1, 2]), (["a", "b"], [1, 0]), (["a"], [.nan, 1]),
        ]
        for (names, vectors) in cases {
            #expect(throws: EvaluatorsError.self) { try ClassEmbeddings(names: names, vectors: vectors) }
        }
    }

    @Test("a file without the tensor, or without names, says what it should have")
    func wrongFile() throws {
        let folder = try TemporaryDirectory()
        let tensor = CheckpointTensor([1, 2, 3, 4], shape: [2, 2])
        let bare = Checkpoint(tensors: ["text": tensor])
        let unnamed = Checkpoint(tensors: ["embeddings": tensor], metadata: ["names": "[\"only one\"]"])
        for (index, checkpoint) in [bare, unnamed].enumerated() {
            let path = folder("\(index).safetensors")
            try SafetensorsFile.write(checkpoint, to: path)
            let error = try #require(throws: EvaluatorsError.self) { try ClassEmbeddings(path: path) }
            #expect("\(error)".contains(path) && "\(error)".contains("`embeddings` [C, E]"))
        }
    }
}
