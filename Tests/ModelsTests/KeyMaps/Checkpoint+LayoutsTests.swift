import Checkpoints
import Models
import OrderedCollections
import Testing

struct CheckpointLayoutsTests {
    private static func openCLIP() throws -> Checkpoint { try SafetensorsFile.read(LayoutListing.path("open_clip")) }
    private static func huggingFace() throws -> Checkpoint {
        try SafetensorsFile.read(LayoutListing.path("huggingface"))
    }

    @Test(
        "open_clip's weights in each layout have the keys, shapes and bytes of that library",
        arguments: CheckpointLayout.allCases
    )
    func toEveryLayout(layout: CheckpointLayout) throws {
        let expected = try #require(try LayoutListing.read().layouts[layout.rawValue])
        let converted = try Self.openCLIP().native().checkpoint.laidOut(as: layout)
        #expect(LayoutListing.listing(of: converted) == expected)
    }

    @Test(
        "transformers' weights in each layout have the keys, shapes and bytes of that library",
        arguments: CheckpointLayout.allCases
    )
    func fromHuggingFace(layout: CheckpointLayout) throws {
        let expected = try #require(try LayoutListing.read().layouts[layout.rawValue])
        let native = try Self.huggingFace().native()
        #expect(native.layout == .huggingFace && native.ignored.isEmpty)
        #expect(LayoutListing.listing(of: try native.checkpoint.laidOut(as: layout)) == expected)
    }

    @Test("every layout goes to native and back unchanged", arguments: CheckpointLayout.allCases)
    func roundTrip(layout: CheckpointLayout) throws {
        let foreign = try Self.openCLIP().native().checkpoint.laidOut(as: layout)
        let native = try foreign.native()
        #expect(native.layout == layout)
        #expect(try native.checkpoint.contentDigest() == Self.openCLIP().contentDigest())
        #expect(try native.checkpoint.laidOut(as: layout).contentDigest() == foreign.contentDigest())
    }

    @Test("wrapped keys and bookkeeping tensors load, and what was passed over is told")
    func wrapped() throws {
        let position = try CheckpointTensor(dtype: .int64, shape: [1], bytes: Array(repeating: 0, count: 8))
        var wrapped = Checkpoint()
        for (key, tensor) in try Self.huggingFace().tensors { wrapped.tensors["module.\(key)"] = tensor }
        wrapped.tensors["module.vision_model.embeddings.position_ids"] = position
        let native = try wrapped.native()
        #expect(native.ignored == ["module.vision_model.embeddings.position_ids"])
        #expect(try native.checkpoint.contentDigest() == Self.openCLIP().contentDigest())
    }

    @Test("16-bit casts of a whole model equal torch's", arguments: [CheckpointTensor.DType.float16, .bfloat16])
    func casts(dtype: CheckpointTensor.DType) throws {
        let expected = try #require(try LayoutListing.read().casts[dtype.rawValue])
        #expect(LayoutListing.listing(of: try Self.openCLIP().converted(to: dtype)) == expected)
    }

    @Test("a 16-bit model is rearranged like an fp32 one")
    func halfRoundTrip() throws {
        let half = try Self.openCLIP().converted(to: .bfloat16)
        let foreign = try half.laidOut(as: .huggingFace)
        let later = try Self.huggingFace().converted(to: .bfloat16)
        #expect(try foreign.contentDigest() == later.contentDigest())
        #expect(try foreign.native().checkpoint.contentDigest() == half.contentDigest())
    }

    @Test("either tower alone is converted", arguments: ["visual.", "text"])
    func oneTower(tower: String) throws {
        let native = try Self.openCLIP()
        let kept = native.tensors.filter {
            $0.key.hasPrefix("visual.") == (tower == "visual.") && $0.key != "logit_scale"
        }
        let part = Checkpoint(tensors: kept)
        let foreign = try part.laidOut(as: .huggingFace)
        #expect(foreign.tensors.count == (tower == "visual." ? 40 : 37))
    }

    @Test(
        "a tensor that transformers has no place for, or that it needs, is reported",
        arguments: [("visual.transformer.resblocks.0.ls_1.gamma", false), ("visual.ln_pre.weight", true)]
    )
    func unfit(key: String, isRemoved: Bool) throws {
        var native = try Self.openCLIP()
        native.tensors[key] = isRemoved ? nil : CheckpointTensor([1], shape: [1])
        let error = #expect(throws: CheckpointError.self) { try native.laidOut(as: .huggingFace) }
        guard case .mismatch(_, let report)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((isRemoved ? report.missing : report.surplus).map(\.key) == [key])
        #expect((isRemoved ? report.surplus : report.missing).isEmpty)
    }

    @Test("a grid that is not square has no OpenAI form")
    func notSquare() throws {
        var native = try Self.openCLIP()
        native.tensors["visual.positional_embedding"] = CheckpointTensor(
            Array(repeating: 0, count: 64),
            shape: [4, 16]
        )
        let reason = "3 patch positions are not a square grid"
        let error = CheckpointError.unmappable(tensor: "visual.positional_embedding", shape: [4, 16], reason: reason)
        #expect(throws: error) { try native.laidOut(as: .openAI) }
    }
}
