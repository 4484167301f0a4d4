import Evaluators
import Testing

@Suite("Accuracy per class")
struct ClassAccuracyTests {
    @Test("the mean is over the classes that occur, not over regions")
    func mean() throws {
        var accuracy = ClassAccuracy(classCount: 4)
        // Class 0: one of two right; class 2: three of three; classes 1 and 3 never occur.
        accuracy.record(scores: [0.9, 0.1, 0, 0], label: 0)
        accuracy.record(scores: [0.1, 0.9, 0, 0], label: 0)
        for _ in 0..<3 { accuracy.record(scores: [0, 0, 0.5, 0.4], label: 2) }
        #expect(accuracy.mean(at: 1) == 0.75)
        #expect(accuracy.mean(at: 5) == 1)
        #expect((accuracy.regionCount, accuracy.classCount) == (5, 2))
    }

    @Test("the fifth place still counts for top-5, the sixth does not")
    func depth() {
        var accuracy = ClassAccuracy(classCount: 7)
        accuracy.record(scores: [5, 4, 3, 2, 1, 0, -1], label: 4)
        #expect(accuracy.mean(at: 5) == 1 && accuracy.mean(at: 1) == 0)
        accuracy.record(scores: [5, 4, 3, 2, 1, 0, -1], label: 5)
        #expect(accuracy.mean(at: 5) == 0.5)
    }

    @Test("among equal scores the lower class stands first, and a score that is no number is never right")
    func ties() {
        var accuracy = ClassAccuracy(classCount: 2)
        accuracy.record(scores: [0.5, 0.5], label: 0)
        #expect(accuracy.mean(at: 1) == 1)
        accuracy.record(scores: [0.5, 0.5], label: 1)
        #expect(accuracy.mean(at: 1) == 0.5)
        var broken = ClassAccuracy(classCount: 2)
        broken.record(scores: [.nan, .nan], label: 1)
        #expect(broken.mean(at: 1) == 0 && broken.mean(at: 5) == 0)
    }

    @Test("nothing recorded has no accuracy")
    func nothing() {
        #expect(ClassAccuracy(classCount: 3).mean(at: 1) == nil)
    }
}
