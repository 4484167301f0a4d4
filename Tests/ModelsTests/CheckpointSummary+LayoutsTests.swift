import Checkpoints
import Models
import OrderedCollections
import TestSupport
import Testing

struct CheckpointSummaryLayoutsTests {
    @Test("a summary names the layout", arguments: [("open_clip", 62), ("huggingface", 78)])
    func layout(name: String, count: Int) throws {
        let summary = try CheckpointSummary(inspecting: LayoutListing.path(name))
        #expect(summary.layout == name && summary.tensorCount == count)
        #expect(summary.metadata == ["format": "pt"])
    }

    @Test(
        "weights of other layouts are listed too",
        arguments: [("visual.blocks.0.attn.q_bias", "EVA-CLIP"), ("x", nil)]
    )
    func otherLayouts(key: String, layout: String?) throws {
        let directory = try TemporaryDirectory()
        let checkpoint = Checkpoint(tensors: [key: CheckpointTensor([1], shape: [1])])
        try SafetensorsFile.write(checkpoint, to: directory("x.safetensors"))
        #expect(try CheckpointSummary(inspecting: directory.path, withDigests: true).layout == layout)
    }
}
