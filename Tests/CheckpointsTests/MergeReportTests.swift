import Checkpoints
import OrderedCollections
import Testing

struct MergeReportTests {
    @Test("equal keys and shapes are exact in any order")
    func exact() {
        let report = MergeReport(expected: ["a": [1], "b": []], found: ["b": [], "a": [1]])
        #expect(report.isExact)
        #expect(report.description == "every tensor matches")
    }

    @Test("all three kinds are found at once")
    func kinds() {
        let report = MergeReport(expected: ["a": [1], "b": [2], "c": [3]], found: ["b": [2], "c": [4], "d": [5]])
        #expect(!report.isExact)
        #expect(report.missing == [.init(key: "a", shape: [1])])
        #expect(report.surplus == [.init(key: "d", shape: [5])])
        #expect(report.mismatched.map(\.key) == ["c"])
        #expect(report.mismatched.map(\.expected) == [[3]])
        #expect(report.mismatched.map(\.found) == [[4]])
    }

    @Test("the description lists both sides and joins blocks that differ only in number")
    func description() {
        var expected: OrderedDictionary<String, [Int]> = ["visual.positional_embedding": [1025, 768]]
        for block in [0, 1, 2, 5] { expected["visual.transformer.resblocks.\(block).ln_1.bias"] = [768] }
        expected["visual.transformer.resblocks.0.ln_1.weight"] = [768]
        let report = MergeReport(
            expected: expected,
            found: ["visual.positional_embedding": [197, 768], "visual.head.bias": [512]]
        )
        #expect(
            report.description == """
                5 missing, 1 surplus, 1 of another shape
                  missing (expected, not found):
                    visual.transformer.resblocks.{0…2, 5}.ln_1.bias [768]
                    visual.transformer.resblocks.0.ln_1.weight [768]
                  surplus (found, not expected):
                    visual.head.bias [512]
                  of another shape:
                    visual.positional_embedding expected [1025, 768], found [197, 768]
                """
        )
    }
}
