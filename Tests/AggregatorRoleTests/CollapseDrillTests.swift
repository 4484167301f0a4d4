import Foundation
import Objectives
import Testing

@Suite(.serialized) struct CollapseDrillTests {
    @Test(arguments: [0, 1, 2]) func experiment(kind: Int) async throws {
        let environment = ProcessInfo.processInfo.environment
        let updates = Int(environment["UPD"] ?? "") ?? 80
        var settings = (environment["SET"] ?? "").split(separator: ";").map(String.init)
        if kind == 2 { settings.append("objective.teacher_temperature=1") }
        let start = ContinuousClock.now
        let training = try await TinyTraining(updates: updates, settings: settings)
        let outcome = try await training.run(holdsCentre: kind == 1)
        print(
            "XX kind",
            kind,
            "alarm",
            outcome.alarm.map { "\($0.collapse.rawValue) at \($0.version)" } ?? "none",
            "top1",
            try await training.topOne(outcome, scenes: 120),
            ContinuousClock.now - start
        )
        for (name, value) in outcome.metrics.sorted(by: { $0.key < $1.key }) { print("XX  ", name, value) }
    }
}
