import Checkpoints
import Models
import OrderedCollections
import TestSupport
import Testing

struct CheckpointComparisonLayoutsTests {
    @Test("the same weights in two layouts are identical")
    func acrossLayouts() throws {
        let paths = (LayoutListing.path("open_clip"), LayoutListing.path("huggingface"))
        let comparison = try CheckpointComparison(comparing: paths.0, with: paths.1)
        #expect(comparison.isIdentical && comparison.tensors.count == 62)
    }

    @Test("files of no known layout are compared as they are")
    func unknownLayouts() throws {
        let directory = try TemporaryDirectory()
        let gradient = Checkpoint(tensors: ["gradient": CheckpointTensor([1], shape: [1])])
        try SafetensorsFile.write(gradient, to: directory("g.safetensors"))
        let same = try CheckpointComparison(comparing: directory("g.safetensors"), with: directory("g.safetensors"))
        #expect(same.isIdentical)
        let other = try CheckpointComparison(
            comparing: directory("g.safetensors"),
            with: LayoutListing.path("open_clip")
        )
        #expect(!other.isIdentical && other.onlyLeft == ["gradient"] && other.onlyRight.count == 62)
    }
}
