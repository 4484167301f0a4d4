import Checkpoints
import OrderedCollections
import Testing

struct CheckpointErrorTests {
    @Test("messages name the object, the cause and the next step")
    func messages() {
        let defect = SafetensorsDefect.wrongByteCount(expected: 12, found: 8)
        #expect(
            "\(CheckpointError.malformed(file: "m.safetensors", tensor: "visual.proj", defect: defect))" == """
                m.safetensors: visual.proj: shape and element type need 12 bytes, data_offsets span 8. \
                The file is damaged or its writer is faulty: save it again with the safetensors library.
                """
        )
        #expect(
            "\(CheckpointError.malformed(file: "m.pt", tensor: nil, defect: .torchArchive))" == """
                m.pt: this is a torch zip or pickle, not safetensors. Convert it first, for example with \
                safetensors.torch.save_file(torch.load(...), ...) in Python.
                """
        )
        #expect(
            "\(CheckpointError.inFile("m.safetensors", .inTensor("a", .beyondRange(dtype: .float16, value: 70000))))"
                == "m.safetensors: a: 70000.0 is beyond the range of F16. Use bf16 or fp32 instead."
        )
    }

    @Test("weights of no known layout are told by their keys, or by having none")
    func unknownLayout() {
        let supported = "Supported: open_clip, open_clip_custom_text, huggingface (CLIPModel), openai."
        #expect("\(CheckpointError.unknownLayout(keys: []))" == "there are no tensors. \(supported)")
        #expect(
            "\(CheckpointError.unknownLayout(keys: ["a", "b"]))" == "no known layout has the keys a, b, …. \(supported)"
        )
    }

    @Test("a mismatch prints its whole report")
    func mismatch() {
        let report = MergeReport(expected: ["a": [1]], found: [:])
        #expect(
            "\(CheckpointError.mismatch(source: "m.safetensors", report))" == """
                m.safetensors: 1 missing, 0 surplus, 0 of another shape
                  missing (expected, not found):
                    a [1]
                Nothing was loaded. Check that the weights belong to this model and layout.
                """
        )
    }
}
