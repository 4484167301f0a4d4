import Objectives
import Recipes
import Testing

/// Trainings that are broken on purpose are noticed before their end, and a healthy one of the same length is not.
///
/// 80 updates of twelve scenes each: 50 versions of grace, then a window of 10, then 20 more. Sixty is the first version
/// that can be told of.
@Suite("Collapse, on a training", .serialized) struct CollapseDrillTests {
    private static let updates = 80

    @Test("a healthy training raises no alarm, and names unseen scenes far better than chance does")
    func healthy() async throws {
        let training = try await TinyTraining(updates: Self.updates)
        #expect(training.plan.collapseWatch?.grace == 50 && training.plan.collapseWatch?.window == 10)
        let outcome = try await training.run()
        #expect(outcome.alarm == nil, "\(outcome.metrics)")
        // Twelve nouns: chance is 8 in 100. Of 120 scenes, 24 by luck happen once in 30,000 trainings.
        let topOne = try await training.topOne(outcome, scenes: 120)
        print("tiny SILC: top-1 of 120 unseen scenes \(topOne), chance 0.083")
        #expect(topOne > 0.2)
        // The same again, to the last bit.
        let again = try await training.run()
        #expect(again.student == outcome.student && again.teacher == outcome.teacher)
    }

    @Test("with the centre held at zero one prototype takes all, and the watch says so")
    func centreHeldAtZero() async throws {
        let outcome = try await TinyTraining(updates: Self.updates).run(holdsCentre: true)
        let alarm = try #require(outcome.alarm, "\(outcome.metrics)")
        #expect(alarm.collapse == .onePrototype)
        #expect((60...Self.updates).contains(alarm.version))
        #expect(try #require(outcome.metrics["prototypes_used"]) < 2)
    }

    @Test("with a teacher temperature of 1 the teacher says nothing, and the watch says so")
    func flatTeacher() async throws {
        let training = try await TinyTraining(
            updates: Self.updates,
            settings: ["objective.teacher_temperature=1"]
        )
        let outcome = try await training.run()
        let alarm = try #require(outcome.alarm, "\(outcome.metrics)")
        #expect(alarm.collapse == .uniform)
        #expect((60...Self.updates).contains(alarm.version))
        #expect(try #require(outcome.metrics["prototypes_used"]) > 31)
    }
}
