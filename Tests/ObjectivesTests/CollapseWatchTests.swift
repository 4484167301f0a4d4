import Foundation
import Objectives
import Testing

@Suite struct CollapseWatchTests {
    /// Grace of 50 versions, a window of 100.
    private let watch = CollapseWatch(prototypes: 1024, updates: 1000, heldUpdates: 30)

    private static let healthy = [
        "terms.self_distillation": 4.0, "terms.teacher_entropy": 2.5, "prototype_entropy": 6.0,
        "teacher_student_divergence": 1.5, "embedding_spread": 0.8,
    ]

    private func firstSign(_ metrics: (Int) -> [String: Double], versions: Int = 400) -> (CollapseWatch.Collapse, Int)?
    {
        var watch = watch
        for number in 1...versions {
            if let sign = watch.note(metrics(number), ofVersion: number) { return (sign, number) }
        }
        return nil
    }

    @Test("healthy metrics say nothing")
    func healthy() {
        #expect(firstSign { _ in Self.healthy } == nil)
    }

    @Test(
        "each kind of collapse is told when its sign has held for the window, after the grace",
        arguments: [
            (CollapseWatch.Collapse.uniform, "terms.self_distillation", log(1024) + 0.01),
            (.uniform, "terms.teacher_entropy", log(1024) * 0.99),
            (.onePrototype, "prototype_entropy", 1.0),
            (.agreement, "teacher_student_divergence", 5e-4),
            (.features, "embedding_spread", 0.05),
        ]
    )
    func signs(collapse: CollapseWatch.Collapse, name: String, value: Double) throws {
        let found = try #require(firstSign { _ in Self.healthy.merging([name: value]) { $1 } })
        #expect(found == (collapse, 150))
    }

    @Test("a sign that comes and goes is none")
    func interrupted() {
        #expect(
            firstSign { number in
                number % 99 == 0 ? Self.healthy : Self.healthy.merging(["embedding_spread": 0.01]) { $1 }
            } == nil
        )
    }

    @Test("prototypes that are held longer prolong the grace")
    func grace() {
        #expect(CollapseWatch(prototypes: 8, updates: 400, heldUpdates: 120).grace == 120)
        #expect(CollapseWatch(prototypes: 8, updates: 4000, heldUpdates: 120).grace == 200)
    }
}
