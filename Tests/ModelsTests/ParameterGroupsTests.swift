import Configs
import Layers
import Models
import Tensors
import Testing

@Suite("Parameter groups")
struct ParameterGroupsTests {
    func vision(_ preset: String) throws -> VisionTransformer.Configuration {
        try ModelConfiguration(json: try #require(Presets.models[preset])).vision
    }

    func layout(_ preset: String, _ count: Int, includesUnusedQK: Bool = false) throws -> ParameterLayout {
        try VisionTransformer.trainableLayout(
            of: vision(preset),
            unlockedGroups: count,
            includesUnusedQK: includesUnusedQK
        )
    }

    @Test(
        "all blocks count what the published models count",
        arguments: [
            ("ViT-B-16", 12, 7_087_872, 85_054_464, 1_181_184), ("ViT-L-14", 24, 12_596_224, 302_309_376, 2_099_200),
        ]
    )
    func counts(preset: String, blocks: Int, oneBlock: Int, allBlocks: Int, unused: Int) throws {
        #expect(try layout(preset, 1, includesUnusedQK: true).count == oneBlock)
        #expect(try layout(preset, 1).count == oneBlock - unused)
        #expect(try layout(preset, blocks, includesUnusedQK: true).count == allBlocks)
        #expect(try layout(preset, blocks).count == allBlocks - unused)
    }

    @Test("no group trains nothing")
    func none() throws {
        #expect(try layout("stillhouse-tiny", 0).slices.isEmpty)
    }

    @Test("groups open from the end: blocks, then positions, then the stem")
    func order() throws {
        func opened(_ count: Int) throws -> Set<String> {
            Set(try layout("stillhouse-tiny", count).paths).subtracting(try layout("stillhouse-tiny", count - 1).paths)
        }
        #expect(try opened(1).allSatisfy { $0.hasPrefix("visual.transformer.resblocks.1.") })
        #expect(try opened(2).allSatisfy { $0.hasPrefix("visual.transformer.resblocks.0.") })
        #expect(try opened(3) == ["visual.positional_embedding"])
        #expect(
            try opened(4) == [
                "visual.conv1.weight", "visual.class_embedding", "visual.ln_pre.weight", "visual.ln_pre.bias",
            ]
        )
    }

    @Test("final norm and projection never train, and more groups than there are is an error")
    func limits() throws {
        let paths = try layout("stillhouse-tiny", 4).paths
        #expect(!paths.contains("visual.proj") && !paths.contains { $0.hasPrefix("visual.ln_post") })
        for count in [5, -1, Int.max] {
            #expect(throws: ModelsError.unlockedGroupsOutOfRange(count, highest: 4)) {
                try layout("stillhouse-tiny", count)
            }
        }
    }

    @Test("of the last block's fused projection only the value rows train")
    func valueRows() throws {
        let slices = try layout("stillhouse-tiny", 2).slices
        func rows(_ suffix: String) -> Range<Int>? { slices.first { $0.path.hasSuffix(suffix) }?.rows }
        #expect(rows("resblocks.1.attn.in_proj_weight") == 128..<192)
        #expect(rows("resblocks.1.attn.in_proj_bias") == 128..<192)
        #expect(rows("resblocks.0.attn.in_proj_weight") == 0..<192)
        #expect(rows("resblocks.1.attn.out_proj.weight") == 0..<64)
        let all = try layout("stillhouse-tiny", 2, includesUnusedQK: true).slices
        #expect(all.allSatisfy { $0.coversParameter })
    }

    @Test("the layout follows the model's own order, whatever is open")
    func canonicalOrder() throws {
        let order = try VisionTransformer.parameters(of: vision("stillhouse-tiny")).map(\.path)
        let paths = try layout("stillhouse-tiny", 4).paths
        #expect(paths == order.filter(Set(paths).contains))
    }

    @Test("what trains and what stays tile the model")
    func complement() throws {
        let parameters = try VisionTransformer.parameters(of: vision("stillhouse-tiny"))
        let trained = try layout("stillhouse-tiny", 2)
        let rest = try trained.complement(in: parameters)
        #expect(trained.count + rest.count == parameters.reduce(0) { $0 + $1.shape.count })
        #expect(rest.slices.contains { $0.path.hasSuffix("1.attn.in_proj_weight") && $0.rows == 0..<128 })
    }
}
