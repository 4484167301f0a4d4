import Checkpoints
import Models
import Testing

struct CheckpointLayoutDetectionTests {
    @Test(
        "each layout is recognised by its key, with and without wrappers",
        arguments: [
            (["visual.conv1.weight", "logit_scale"], CheckpointLayout.openCLIP),
            (["visual.conv1.weight", "text.positional_embedding"], .openCLIPCustomText),
            (["visual.conv1.weight", "vocab_size"], .openAI),
            (["vision_model.embeddings.class_embedding"], .huggingFace),
        ],
        ["", "module.", "state_dict.module.", "model."]
    )
    func detected(sample: ([String], CheckpointLayout), wrapper: String) throws {
        let keys = sample.0.map { wrapper + $0 }
        #expect(try CheckpointLayout.detected(in: keys) == sample.1)
        #expect(CheckpointLayout.wrapper(of: keys) == wrapper)
    }

    @Test("a prefix that not all keys share is no wrapper")
    func partialWrapper() {
        #expect(CheckpointLayout.wrapper(of: ["module.visual.conv1.weight", "logit_scale"]) == "")
        #expect(CheckpointLayout.wrapper(of: [String]()) == "")
    }

    @Test(
        "towers that are not supported yet are called by name",
        arguments: [
            ("visual.blocks.0.attn.q_bias", "EVA-CLIP"), ("visual.trunk.blocks.0.attn.q_proj.bias", "timm trunk"),
        ]
    )
    func unsupported(key: String, name: String) {
        #expect(throws: CheckpointError.unsupportedLayout(name: name)) { try CheckpointLayout.detected(in: [key]) }
    }

    @Test("unknown keys are quoted")
    func unknown() {
        #expect(throws: CheckpointError.unknownLayout(keys: ["a", "b", "c"])) {
            try CheckpointLayout.detected(in: ["d", "c", "b", "a"])
        }
        #expect(throws: CheckpointError.unknownLayout(keys: [])) { try CheckpointLayout.detected(in: [String]()) }
    }

    @Test(
        "only bookkeeping is ignored",
        arguments: [
            ("vision_model.embeddings.position_ids", true), ("attn_mask", true), ("visual.rope.freqs_cos", true),
            ("visual.blocks.0.attn.rope.freqs_sin", true), ("input_resolution", true), ("context_length", true),
            ("vocab_size", true), ("visual.proj", false), ("positional_embedding", false), ("visual.vocab_size", false),
        ]
    )
    func ignored(key: String, isIgnored: Bool) {
        #expect(CheckpointLayout.ignores(key) == isIgnored)
    }
}
