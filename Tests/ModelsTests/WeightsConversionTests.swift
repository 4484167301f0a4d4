import Checkpoints
import Foundation
import Models
import OrderedCollections
import TestSupport
import Testing

struct WeightsConversionTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("open_clip to huggingface and back gives the library's own files, byte for byte")
    func roundTrip() throws {
        let (foreign, back) = (directory("hf.safetensors"), directory("oc.safetensors"))
        let there = try WeightsConversion(of: LayoutListing.path("open_clip"), to: foreign, layout: .huggingFace)
        #expect(there.inputLayout == .openCLIP && there.outputLayout == .huggingFace && there.tensorCount == 78)
        #expect(try Digest(ofFile: foreign) == Digest(ofFile: LayoutListing.path("huggingface")))
        let again = try WeightsConversion(of: foreign, to: back, layout: .openCLIP)
        #expect(again.tensorCount == 62 && again.parameterCount == there.parameterCount)
        #expect(try Digest(ofFile: back) == Digest(ofFile: LayoutListing.path("open_clip")))
    }

    @Test("shards and one file have the same content, and the conversion says which")
    func sharded() throws {
        let input = LayoutListing.path("open_clip")
        let whole = try WeightsConversion(of: input, to: directory("a.safetensors"), layout: .openAI, dtype: .float16)
        let parts = try WeightsConversion(
            of: input,
            to: directory("b.safetensors"),
            layout: .openAI,
            dtype: .float16,
            maximumShardByteCount: 8_000
        )
        #expect(parts.output.count > 2 && parts.contentSHA256 == whole.contentSHA256)
        let back = try WeightsConversion(
            of: directory("b.safetensors.index.json"),
            to: directory("c.safetensors"),
            layout: .openCLIP
        )
        #expect(back.ignored.sorted() == ["context_length", "input_resolution", "vocab_size"])
        #expect(back.description.contains("left out, nothing trained in them: context_length"))
        #expect(
            whole.description == """
                \(input) (open_clip) -> \(directory("a.safetensors")) (openai)
                65 tensors, \(whole.parameterCount) parameters, content sha256 \(whole.contentSHA256)
                """
        )
    }

    @Test("a failed conversion writes nothing and names the input")
    func failure() throws {
        let path = directory("in.safetensors")
        let tensors = ["visual.conv1.weight": CheckpointTensor([1e9], shape: [1, 1, 1, 1])] as OrderedDictionary
        try SafetensorsFile.write(Checkpoint(tensors: tensors), to: path)
        let out = directory("out.safetensors")
        let error = CheckpointError.inFile(
            path,
            .inTensor("visual.conv1.weight", .beyondRange(dtype: .float16, value: 1e9))
        )
        #expect(throws: error) { try WeightsConversion(of: path, to: out, layout: .openCLIP, dtype: .float16) }
        #expect(throws: CheckpointError.self) { try WeightsConversion(of: path, to: out, layout: .huggingFace) }
        #expect(try directory.names() == ["in.safetensors"])
    }

    @Test("its JSON comes back")
    func codable() throws {
        let conversion = try WeightsConversion(
            of: LayoutListing.path("huggingface"),
            to: directory("a.safetensors"),
            layout: .openCLIPCustomText
        )
        let json = try JSONEncoder().encode(conversion)
        #expect(try JSONDecoder().decode(WeightsConversion.self, from: json) == conversion)
    }

    @Test("a key that repeats a wrapper's prefix without end is soon let go", .timeLimit(.minutes(1)))
    func endlessWrapper() {
        let key = String(repeating: "model.", count: 100_000)
        #expect(CheckpointLayout.wrapper(of: [key]).utf8.count < 100)
    }
}
