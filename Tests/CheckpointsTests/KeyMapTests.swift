import Checkpoints
import OrderedCollections
import TestSupport
import Testing

struct KeyMapTests {
    private static let map = KeyMap(
        sections: [
            .init(KeyMap.Rule.renamed("scale", "s")),
            .init(
                KeyMap.Rule.renamed("stem", "tower.stem")
                    + KeyMap.Rule.layer("blocks.{i}.ln", "tower.layers.{i}.norm")
                    + [
                        KeyMap.Rule("blocks.{i}.qkv", ["tower.layers.{i}.q", "tower.layers.{i}.k"], .concatenated),
                        KeyMap.Rule("proj", ["tower_proj.weight"], .transposed, isOptional: true),
                    ]
            ),
        ],
        keepsUnmatched: false
    )

    private static func native(blocks: [Int], seed: UInt64 = 1) -> OrderedDictionary<String, CheckpointTensor> {
        var generator = SeededGenerator(seed: seed)
        func tensor(_ shape: [Int]) -> CheckpointTensor {
            CheckpointTensor((0..<shape.reduce(1, *)).map { _ in .random(in: -1...1, using: &generator) }, shape: shape)
        }
        var tensors = ["scale": tensor([]), "stem": tensor([2, 3, 2]), "proj": tensor([4, 3])] as OrderedDictionary
        for block in blocks {
            tensors["blocks.\(block).ln.weight"] = tensor([4])
            tensors["blocks.\(block).ln.bias"] = tensor([4])
            tensors["blocks.\(block).qkv"] = tensor([6, 4])
        }
        return tensors
    }

    private func expectReport(
        missing: [String] = [],
        surplus: [String] = [],
        _ body: () throws -> OrderedDictionary<String, CheckpointTensor>
    ) {
        let error = #expect(throws: CheckpointError.self) { try body() }
        guard case .mismatch(_, let report)? = error else {
            Issue.record("\(String(describing: error)) is not a mismatch")
            return
        }
        #expect(report.missing.map(\.key) == missing)
        #expect(report.surplus.map(\.key) == surplus)
    }

    @Test("there and back gives every byte again", arguments: [UInt64(1), 2, 3])
    func roundTrip(seed: UInt64) throws {
        let native = Self.native(blocks: [0, 1, 2], seed: seed)
        let foreign = try Self.map.foreign(from: native)
        #expect(foreign.count == native.count + 3)
        #expect(try foreign["tower.layers.1.k"]?.floats() == Array(native["blocks.1.qkv"]?.floats().suffix(12) ?? []))
        #expect(foreign["tower_proj.weight"]?.shape == [3, 4])
        let back = try Self.map.native(from: foreign)
        #expect(
            Dictionary(uniqueKeysWithValues: Array(back)) == Dictionary(uniqueKeysWithValues: Array(native)),
            "seed \(seed)"
        )
    }

    @Test("everything missing and surplus is listed at once")
    func listed() throws {
        var foreign = try Self.map.foreign(from: Self.native(blocks: [0, 1]))
        foreign["tower.layers.1.k"] = nil
        foreign["tower.stem"] = nil
        foreign["extra.0.x"] = CheckpointTensor([1], shape: [1])
        foreign["tower.layers.{i}.q"] = CheckpointTensor([1], shape: [1])
        let tensors = foreign
        expectReport(missing: ["tower.stem", "tower.layers.1.k"], surplus: ["extra.0.x", "tower.layers.{i}.q"]) {
            try Self.map.native(from: tensors)
        }
    }

    @Test("a hole in the block numbers is an absent block, however large the numbers")
    func hole() throws {
        var native = Self.native(blocks: [0, 2])
        let absent = ["blocks.1.ln.weight", "blocks.1.ln.bias", "blocks.1.qkv"]
        expectReport(missing: absent) { try Self.map.foreign(from: native) }
        native = Self.native(blocks: [0, .max])
        expectReport(missing: absent) { try Self.map.foreign(from: native) }
    }

    @Test("an absent section is no error, an absent optional tensor neither")
    func absent() throws {
        #expect(try Self.map.native(from: ["s": CheckpointTensor([1], shape: [])]).keys == ["scale"])
        var native = Self.native(blocks: [0])
        native["proj"] = nil
        #expect(try Self.map.foreign(from: native)["tower_proj.weight"] == nil)
    }

    @Test("shapes that a change cannot take are named")
    func unmappable() throws {
        var native = Self.native(blocks: [0])
        native["proj"] = CheckpointTensor([1], shape: [1])
        let notMatrix = CheckpointError.unmappable(tensor: "proj", shape: [1], reason: "a matrix was expected")
        #expect(throws: notMatrix) { try Self.map.foreign(from: native) }

        native = Self.native(blocks: [0])
        native["blocks.0.qkv"] = CheckpointTensor([1, 2, 3], shape: [3])
        let reason = "the leading axis does not split into 2 equal parts"
        #expect(throws: CheckpointError.unmappable(tensor: "blocks.0.qkv", shape: [3], reason: reason)) {
            try Self.map.foreign(from: native)
        }

        var foreign = try Self.map.foreign(from: Self.native(blocks: [0]))
        foreign["tower.layers.0.k"] = CheckpointTensor([1], shape: [1])
        let differ = "its parts differ in type or shape ([3, 4], [1])"
        #expect(throws: CheckpointError.unmappable(tensor: "tower.layers.0.q", shape: [3, 4], reason: differ)) {
            try Self.map.native(from: foreign)
        }
    }

    @Test("prefixes move subtrees, other keys stay, and two names for one are refused")
    func prefixes() throws {
        let map = KeyMap(prefixes: [.init("ln", "text.ln")], keepsUnmatched: true)
        let one = CheckpointTensor([1], shape: [1])
        #expect(try map.foreign(from: ["ln.weight": one, "visual.x": one]).keys == ["text.ln.weight", "visual.x"])
        #expect(try map.native(from: ["text.ln.weight": one, "visual.x": one]).keys == ["ln.weight", "visual.x"])
        #expect(throws: CheckpointError.self) { try map.native(from: ["text.ln.weight": one, "ln.weight": one]) }
    }
}
