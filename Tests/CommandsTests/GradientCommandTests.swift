import Checkpoints
import OrderedCollections
import TestSupport
import Testing

@Suite struct GradientCommandTests {
    @Test("a gradient has the trained parameters in full shape, and zeros in rows that do not train")
    func keys() async throws {
        let directory = try TemporaryDirectory()
        let output = directory("gradient.safetensors")
        try await CommandLine.run([
            "gradient", "--recipe", "quickstart", "--set", "model=stillhouse-tiny", "--set",
            "objective.student_size=64",
            "--set", "objective.unlocked_groups=1", "--set", "data.annotations=\(CommandLine.sample("training.json"))",
            "--images", CommandLine.sample("training"), "--samples", "0", "-o", output, "--json",
        ])
        let file = try Checkpoint.read(output)
        #expect(file.tensors.keys.allSatisfy { $0.hasPrefix("visual.transformer.resblocks.1.") })
        let fused = try file.tensor(named: "visual.transformer.resblocks.1.attn.in_proj_weight")
        #expect(fused.shape == [192, 64])
        let values = try fused.floats()
        #expect(values.prefix(128 * 64).allSatisfy { $0 == 0 })
        #expect(values.suffix(64 * 64).contains { $0 != 0 })
        #expect(file.metadata["samples"] == "0")
    }
}
