import Checkpoints
import Layers
import Models
import OrderedCollections
import TestSupport
import Tensors
import Testing

@Suite struct CLIPTests {
    private let backend = CPUBackend(threadCount: 1)

    private static func configuration(bias: Bool) throws -> CLIP.Configuration {
        let json = """
            {"embed_dim": 6, \(bias ? #""init_logit_bias": -5, "# : "")
             "vision_cfg": {"image_size": 16, "patch_size": 8, "width": 8, "head_width": 4, "layers": 2},
             "text_cfg": {"context_length": 7, "vocab_size": 30, "width": 12, "heads": 3, "layers": 2}}
            """
        return try ModelConfiguration(json: json.utf8).clip()
    }

    private func checkpoint(_ configuration: CLIP.Configuration) throws -> Checkpoint {
        var tree = ParameterTree()
        for (index, parameter) in try CLIP.parameters(of: configuration).enumerated() {
            tree[parameter.path] = Tensor.random(parameter.shape, seed: 17, stream: UInt64(index), on: backend)
        }
        return tree.checkpoint
    }

    @Test("a new model starts with the scale and the bias of its file")
    func start() throws {
        let source = InitializingSource(seed: 1, on: backend)
        let plain = try CLIP(ParameterScope(source), Self.configuration(bias: false))
        #expect(plain.logitScale.shape == [] && abs(plain.logitScale.scalar - 2.65926) < 1e-5)
        #expect(plain.logitBias == nil)
        #expect(try CLIP(ParameterScope(source), Self.configuration(bias: true)).logitBias?.scalar == -5)
    }

    @Test(
        "a whole dual encoder goes through every layout and loads strictly, number for number",
        arguments: CheckpointLayout.allCases,
        [false, true]
    )
    func layouts(layout: CheckpointLayout, bias: Bool) throws {
        // transformers' CLIPModel has no place for a bias.
        if layout == .huggingFace, bias { return }
        let configuration = try Self.configuration(bias: bias)
        let original = try checkpoint(configuration)
        let foreign = try original.laidOut(as: layout)
        let native = try foreign.native().checkpoint
        let wanted = try CLIP.parameters(of: configuration)
        let weights = try ModelWeights(native, named: layout.rawValue, for: wanted, on: backend)
        #expect(weights.carried.isEmpty)
        #expect(weights.parameters.paths == wanted.map(\.path))
        for (path, tensor) in weights.parameters.checkpoint.tensors { #expect(tensor == original.tensors[path]) }
        _ = try CLIP(ParameterScope(TreeSource(weights.parameters)), configuration)
    }

    @Test("a bias has no place in transformers' model, and the refusal names it")
    func biasRefused() throws {
        let original = try checkpoint(Self.configuration(bias: true))
        let error = #expect(throws: CheckpointError.self) { try original.laidOut(as: .huggingFace) }
        #expect(error?.description.contains("logit_bias") == true)
    }

    @Test("text keys that the model lacks, or has too many of, are all named")
    func strict() throws {
        let configuration = try Self.configuration(bias: false)
        var damaged = try checkpoint(configuration)
        damaged.tensors["ln_final.bias"] = nil
        damaged.tensors["transformer.resblocks.2.ln_1.weight"] = CheckpointTensor([1], shape: [1])
        damaged.tensors["text_projection"] = CheckpointTensor([1], shape: [1])
        let error = #expect(throws: CheckpointError.self) {
            try ModelWeights(damaged, named: "x", for: CLIP.parameters(of: configuration), on: backend)
        }
        guard case .mismatch(_, let report)? = error else {
            Issue.record("\(String(describing: error)) is another error")
            return
        }
        #expect(report.missing.map(\.key) == ["ln_final.bias"])
        #expect(report.surplus.map(\.key) == ["transformer.resblocks.2.ln_1.weight"])
        #expect(report.mismatched.map(\.key) == ["text_projection"])
    }
}
