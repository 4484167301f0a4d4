import Checkpoints
import Foundation
import OrderedCollections
import TestSupport
import Testing

@Suite struct GradientCommandTests {
    @Test("a gradient has the trained parameters in full shape, and zeros in rows that do not train")
    func keys() async throws {
        let directory = try TemporaryDirectory()
        let output = directory("gradient.safetensors")
        try await CommandLine.run([
            "gradient", "--recipe", "clipself-tiny", "--set", "model=stillhouse-tiny", "--set",
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

    @Test(
        "an objective's own parameters are drawn beside the weights of a file, and its statistics are no gradient",
        arguments: ["job", "global"]
    )
    func ownParameters(negatives: String) async throws {
        let directory = try TemporaryDirectory()
        let (output, weights, pairs) = (directory("gradient.st"), directory("weights.st"), directory("pairs.csv"))
        try CommandLine.tinyDualWeights().write(to: weights)
        let table = "image,caption\n0001.jpg,one thing\n0002.jpg,two things\n0003.jpg,three things\n"
        try table.write(toFile: pairs, atomically: true, encoding: .utf8)
        let settings = [
            "model=stillhouse-tiny", "objective.contrastive=softmax", "objective.negatives=\(negatives)",
            "objective.prototypes=24", "objective.head_hidden=16", "objective.head_bottleneck=8",
            "objective.student_batch=2", "objective.views.global.size=32", "objective.views.local.size=16",
            "objective.views.local.count=2", "aggregation.images_per_job=3", "aggregation.jobs_per_step=1",
            "data.kind=pairs", "data.annotations=\(pairs)",
        ]
        try await CommandLine.run(
            ["gradient", "--recipe", "silc-small"] + settings.flatMap { ["--set", $0] } + [
                "--images", CommandLine.sample("training"), "--samples", "0,1,2", "--weights", weights, "-o", output,
                "--json",
            ]
        )
        let file = try Checkpoint.read(output)
        let model = try CommandLine.tinyDualWeights().tensors.keys
        #expect(Set(model).isSubset(of: file.tensors.keys))
        let own = file.tensors.keys.filter { !model.contains($0) }
        #expect(own.count == 7 && own.allSatisfy { $0.hasPrefix("distillation_head.") })
        #expect(try file.tensor(named: "distillation_head.prototypes").shape == [24, 8])
        for key in ["visual.proj", "text_projection", "logit_scale", "distillation_head.layers.0.weight"] {
            let values = try file.tensor(named: key).floats()
            #expect(values.allSatisfy(\.isFinite) && values.contains { $0 != 0 }, "\(key)")
        }
        #expect(file.metadata["units"] == "3")
    }
}
