import Evaluators
import Testing

@Suite("Counting a classification")
struct ClassificationTallyTests {
    private let names = ["ant", "bee", "cat"]

    @Test("shares are over pictures, means over classes, and mistakes are counted by pair")
    func handComputed() throws {
        var tally = ClassificationTally(classCount: 3)
        tally.record(scores: [0.9, 0.1, 0], label: 0)
        tally.record(scores: [0.1, 0.9, 0], label: 0)
        tally.record(scores: [0.2, 0.9, 0], label: 0)
        tally.record(scores: [0.3, 0.2, 0.1], label: 1)
        let result = try #require(tally.result(names: names, unusable: []))
        #expect((result.images, result.classes, result.choices) == (4, 2, 3))
        #expect(result.top1 == 0.25 && result.top5 == 1)
        #expect(abs(result.classMeanTop1 - (1.0 / 3 + 0) / 2) < 1e-12)
        #expect(
            result.perClass == [
                .init(name: "ant", images: 3, top1: 1, top5: 3), .init(name: "bee", images: 1, top1: 0, top5: 1),
            ]
        )
        #expect(
            result.confusions == [
                .init(label: "ant", predicted: "bee", images: 2), .init(label: "bee", predicted: "ant", images: 1),
            ]
        )
    }

    @Test("of equal scores the lower class is the answer, and what is no number is none")
    func ties() throws {
        var tally = ClassificationTally(classCount: 3)
        tally.record(scores: [0.5, 0.5, 0.1], label: 0)  // right
        tally.record(scores: [0.5, 0.5, 0.1], label: 1)  // taken for ant
        tally.record(scores: [.nan, 0.5, 0.5], label: 2)  // taken for bee
        tally.record(scores: [.nan, .nan, .nan], label: 2)  // taken for nothing
        let result = try #require(tally.result(names: names, unusable: []))
        #expect(result.top1 == 0.25)
        #expect(
            result.confusions == [
                .init(label: "bee", predicted: "ant", images: 1), .init(label: "cat", predicted: "bee", images: 1),
            ]
        )
    }

    @Test("the ten most frequent mistakes are named, equals in the order of the classes")
    func mostFrequent() throws {
        let names = (0..<12).map { "class \($0)" }
        var tally = ClassificationTally(classCount: 12)
        for label in 1..<12 {
            var scores = [Float](repeating: 0, count: 12)
            scores[0] = 1
            for _ in 0..<(label == 11 ? 2 : 1) { tally.record(scores: scores, label: label) }
        }
        let confusions = try #require(tally.result(names: names, unusable: [])).confusions
        #expect(confusions.count == 10)
        #expect(confusions.map(\.label).prefix(3) == ["class 11", "class 1", "class 2"])
        #expect(confusions.first?.images == 2)
    }

    @Test("nothing recorded has no result")
    func nothing() {
        #expect(ClassificationTally(classCount: 3).result(names: names, unusable: []) == nil)
    }
}
