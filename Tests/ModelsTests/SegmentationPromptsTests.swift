import Checkpoints
import Layers
import Models
import OrderedCollections
import TestSupport
import Tensors
import Testing

@Suite("Files of prompts")
struct SegmentationPromptsTests {
    private let backend = CPUBackend(threadCount: 1)
    private static let encoder = Digest(of: "encoder".utf8)

    private func prompts() -> SegmentationPrompts {
        SegmentationPrompts(
            contexts: (0..<2 * 3 * 8).map { Float($0) / 16 - 1 },
            count: 1,
            length: 3,
            width: 8,
            logScale: 4.5,
            logGateTemperature: -2.25,
            facts: SegmentationPrompts.Facts(
                isGated: true,
                gateSharpness: 100,
                readout: "value-residual",
                encoder: Self.encoder,
                tokenizer: CLIPTokenizer.digest,
                classList: "abc",
                origin: ["run": "trial", "step": "7"]
            )
        )
    }

    @Test("a file reads back as what was written")
    func roundTrip() throws {
        let folder = try TemporaryDirectory()
        try prompts().checkpoint.write(to: folder("prompts.safetensors"))
        let read = try SegmentationPrompts(Checkpoint.read(folder("prompts.safetensors")), source: "file")
        #expect(read == prompts())
    }

    @Test("prompts of another encoder are refused with both digests")
    func otherEncoder() throws {
        try prompts().check(encoder: Self.encoder)
        let other = Digest(of: "other".utf8)
        do throws(ModelsError) {
            try prompts().check(encoder: other)
            Issue.record("another encoder was taken")
        } catch {
            #expect(error == .otherEncoder(prompts: "\(Self.encoder)", found: "\(other)"))
            #expect("\(error)".contains("\(Self.encoder)") && "\(error)".contains("\(other)"))
        }
    }

    /// What is damaged, and a word of what the message then says.
    private static let damages: [(String, @Sendable (inout Checkpoint) -> Void)] = [
        ("form 1", { $0.metadata["stillhouse_prompts"] = nil }), ("gate", { $0.metadata["gate"] = "perhaps" }),
        ("encoder_sha256", { $0.metadata["encoder_sha256"] = "12" }), ("readout", { $0.metadata["readout"] = nil }),
        ("gate_sharpness", { $0.metadata["gate_sharpness"] = "-1" }),
        ("contexts", { $0.tensors["contexts"] = nil }),
        ("contexts", { $0.tensors["contexts"] = CheckpointTensor([1, 2], shape: [2]) }),
        ("1 prompts", { $0.tensors["contexts"] = CheckpointTensor([1, 2], shape: [1, 1, 2]) }),
        ("log_scale", { $0.tensors["log_scale"] = CheckpointTensor([.nan], shape: []) }),
    ]

    @Test("a file that is no file of prompts is refused, and the message says what it lacks", arguments: 0..<9)
    func malformed(index: Int) {
        let (word, change) = Self.damages[index]
        var checkpoint = prompts().checkpoint
        change(&checkpoint)
        do throws(ModelsError) {
            _ = try SegmentationPrompts(checkpoint, source: "file.safetensors")
            Issue.record("it was read")
        } catch {
            #expect("\(error)".hasPrefix("file.safetensors: ") && "\(error)".contains(word), "\(error)")
        }
    }

    private static func model(_ activation: String = "false") throws -> ModelConfiguration {
        let json = """
            {"embed_dim": 6, "quick_gelu": \(activation),
             "vision_cfg": {"image_size": 16, "patch_size": 8, "width": 64, "layers": 1},
             "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 1}}
            """
        return try ModelConfiguration(json: json.utf8)
    }

    @Test("an encoder's digest tells apart other numbers and other choices, and nothing else")
    func encoderDigest() throws {
        func digest(_ model: ModelConfiguration, _ change: (inout ParameterTree) -> Void = { _ in }) throws -> Digest {
            let source = RecordingSource(InitializingSource(seed: 3, on: backend))
            _ = try CLIP(ParameterScope(source), model.clip())
            var tree = source.tree
            change(&tree)
            return try EncoderDigest.digest(of: tree, vision: model.vision, text: model.textTower())
        }
        let plain = try digest(Self.model())
        #expect(try digest(Self.model()) == plain)
        #expect(try digest(Self.model()) { $0["logit_scale"] = Tensor([9], [], on: backend) } == plain)
        #expect(try digest(Self.model("true")) != plain)
        #expect(
            try digest(Self.model()) { tree in
                tree["ln_final.bias"] = tree["ln_final.bias"].map { $0.scaled(by: 1).adding(row: $0) }
            } == plain,
            "a bias of zeros stays one"
        )
        #expect(
            try digest(Self.model()) { tree in
                tree["ln_final.weight"] = tree["ln_final.weight"]?.scaled(by: 1.5)
            } != plain
        )
    }

    @Test("the vectors of a list are those of the prompts in front of its names")
    func features() throws {
        let source = RecordingSource(InitializingSource(seed: 3, on: backend))
        let tower = try TextTransformer(ParameterScope(source), Self.model().textTower())
        let prompts = prompts()
        let found = try prompts.features(of: ["cat", "dining table"], by: tower, on: backend)
        let names = try PromptNames(["cat", "dining table"], contexts: 3, contextLength: 16)
        let contexts = Tensor(prompts.contexts, [2, 3, 8], on: backend)
        #expect(found.floats == PromptLearner(tower).features(contexts: contexts, names: names).floats)
        #expect(found.shape == [2, 2, 6])
    }
}
