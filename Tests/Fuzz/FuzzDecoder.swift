import TestSupport

/// One decoder under test: valid inputs to start from, how to damage them, and the call.
struct FuzzDecoder: Sendable {
    /// What a decoder made of an input.
    enum Verdict: Sendable {
        case accepted
        /// The decoder's own error, by its case.
        case refused(String)
        /// Anything else: a broken promise.
        case wrong(String)
    }

    let name: String
    /// Megabytes that the address space may grow by, whatever the input.
    let memoryBound: Int
    let corpus: @Sendable () throws -> [[UInt8]]
    let mutate: @Sendable (inout [UInt8], [[UInt8]], inout SeededGenerator) -> Void
    let decode: @Sendable ([UInt8], FuzzWorkspace) async -> Verdict

    /// Everything that reads what others wrote, in the order of the report.
    static let all: [FuzzDecoder] = [
        jpeg, png, safetensors, safetensorsIndex, coco, pairsCSV, pairsTSV, pairsJSONL, tar, datasetIndex, labelPNG,
        classList, panoptic, prompts, student, recipeYAML, recipeSettings, recipeJSON, modelConfiguration, chunk, cell,
    ]

    static func named(_ name: String) -> FuzzDecoder? { (all + faulty).first { $0.name == name } }

    /// Input `index` under `seed`: the same bytes on every machine. The first ones are the corpus as it is.
    func input(_ index: Int, seed: UInt64, corpus: [[UInt8]]) -> [UInt8] {
        if index < corpus.count { return corpus[index] }
        let own = name.utf8.reduce(seed &* 0x9E37_79B9_7F4A_7C15) { $0 &* 31 &+ UInt64($1) }
        var mixer = SeededGenerator(seed: own)
        var generator = SeededGenerator(seed: mixer.next() ^ UInt64(index) &* 0xD134_2543_DE82_EF95)
        var bytes = corpus[Int.random(in: 0..<corpus.count, using: &generator)]
        // One edit in half of the inputs: much damage is refused at the first byte.
        repeat { mutate(&bytes, corpus, &generator) } while Bool.random(using: &generator)
        return bytes
    }

    /// Runs a decoder whose errors are all of one type.
    static func verdict<Expected: Error>(
        _: Expected.Type,
        _ body: () async throws -> Void
    ) async -> Verdict {
        do {
            try await body()
            return .accepted
        } catch let error as Expected {
            return .refused(label(of: error))
        } catch {
            return .wrong("threw \(type(of: error)): \(error)")
        }
    }

    /// The name of an enumeration's case.
    static func label(of value: Any) -> String {
        Mirror(reflecting: value).children.first?.label ?? String("\(value)".prefix(60))
    }
}
