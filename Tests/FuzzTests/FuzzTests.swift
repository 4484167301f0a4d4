import Foundation
import TestSupport
import Testing

@Suite("Decoders under mutation")
struct FuzzTests {
    /// `Deploy/fuzz` gives each a hundred thousand; here as many as a few seconds allow.
    #if DEBUG
    private static let inputCount = 300
    #else
    private static let inputCount = 3000
    #endif

    @Test(
        "no mutated input crashes, hangs or hoards; each gives a value or the decoder's own error",
        arguments: [
            "jpeg", "png", "safetensors", "safetensors-index", "coco", "pairs-csv", "pairs-tsv", "pairs-jsonl", "tar",
            "dataset-index", "label-png", "class-list", "panoptic", "prompts", "student", "recipe-yaml",
            "recipe-settings",
            "recipe-json", "model-json", "chunk", "postgres-cell",
        ]
    )
    func decoder(name: String) async throws {
        let run = try await FuzzRun(["--inputs", "\(Self.inputCount)", name])
        #expect(run.exitStatus == 0, "\(run.output)")
        let counts = run.counts(of: name)
        try #require(counts.count == 4, "\(run.output)")
        #expect(counts[0] == Self.inputCount && counts[3] == 0)
        #expect(
            counts[1] > 0 && counts[2] > Self.inputCount / 10,
            "the mutations harm nothing, or everything: \(run.output)"
        )
    }

    @Test(
        "a fault is found with its input, and the run goes on behind it",
        arguments: [
            ("faulty-trap", "died of signal"), ("faulty-hang", "10 s of processor time"),
            ("faulty-hoard", "more memory than its bound"), ("faulty-error", "threw CocoaError"),
        ]
    )
    func fault(name: String, words: String) async throws {
        let run = try await FuzzRun(["--inputs", "6", "--seed", "9", name])
        #expect(run.exitStatus == 1)
        #expect(run.output.contains("\(name), input 3 of seed 9") && run.output.contains(words), "\(run.output)")
        #expect(run.counts(of: name).first == 6 && run.counts(of: name).last == 1, "\(run.output)")
        let saved = try Data(contentsOf: URL(fileURLWithPath: run.artifacts("\(name)-seed9-input3")))
        #expect(Array(saved) == [3])
    }

    @Test("the same seed and number give the same input again")
    func reproducible() async throws {
        let first = try await FuzzRun(["--inputs", "300", "--seed", "4", "model-json"])
        let again = try await FuzzRun(["--inputs", "300", "--seed", "4", "model-json"])
        let other = try await FuzzRun(["--inputs", "300", "--seed", "5", "model-json"])
        #expect(first.counts(of: "model-json") == again.counts(of: "model-json"))
        #expect(first.counts(of: "model-json") != other.counts(of: "model-json"))
    }
}
