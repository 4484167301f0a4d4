import Foundation
import Testing

/// F13: one worker's clock is an hour ahead, another's an hour behind; only the server's clock counts.
struct WrongClocks: FaultRow {
    let name = "F13 wrong clocks"
    let stretch = 5.0
    let fault = "one worker's clock is an hour fast, another's an hour slow"

    func play(_ scene: FaultScene) async throws {
        let clock = try WrongClock()
        defer { clock.remove() }
        try scene.coordinator()
        let fast = try scene.worker(environment: clock.environment(offBySeconds: 3600))
        let slow = try scene.worker(environment: clock.environment(offBySeconds: -3600))
        try scene.aggregator()
        try await scene.untilVersion(1)
        try await scene.until("both workers have logged") { fast.firstTime != nil && slow.firstTime != nil }
        let offsets = [fast, slow].compactMap(\.firstTime).map { $0.timeIntervalSinceNow }
        if offsets[0] > 3000 && offsets[1] < -3000 { scene.struck("their log lines are an hour off") }
        try await scene.untilNextVersion()
        scene.recovered()
        try await scene.untilOver()
        let rescues = try await scene.rescues()
        scene.demand(rescues == 0, "\(rescues) rescues because of a clock")
    }
}

extension RoleUnderTest {
    /// The time of the first line that it logged, by its own clock.
    fileprivate var firstTime: Date? {
        guard let stamp = text.firstMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) else { return nil }
        return try? Date(String(stamp.output), strategy: .iso8601)
    }
}
