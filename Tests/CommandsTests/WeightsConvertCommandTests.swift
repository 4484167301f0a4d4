import Checkpoints
import TestSupport
import Testing

@Suite struct WeightsConvertCommandTests {
    @Test("weights converted to another layout and back are the same")
    func roundTrip() async throws {
        let directory = try TemporaryDirectory()
        try CommandLine.writeTinyWeights(to: directory("a.safetensors"))
        let (there, back) = (directory("b.safetensors"), directory("c.safetensors"))
        try await CommandLine.run(
            "weights",
            "convert",
            directory("a.safetensors"),
            there,
            "--layout",
            "huggingface",
            "--json"
        )
        try await CommandLine.run("weights", "convert", there, back, "--layout", "open_clip", "--json")
        let (first, second) = (try Checkpoint.read(directory("a.safetensors")), try Checkpoint.read(back))
        #expect(try first.contentDigest() == second.contentDigest())
        #expect(try first.contentDigest() != Checkpoint.read(there).contentDigest())
    }

    @Test("an unknown layout is refused with the layouts there are")
    func unknownLayout() {
        let message = CommandLine.refusal("weights", "convert", "a", "b", "--layout", "eva")
        #expect(message.contains("'eva'"))
        #expect(message.contains("huggingface"))
    }
}
