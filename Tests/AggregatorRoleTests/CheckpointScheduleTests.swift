import AggregatorRole
import Stores
import TestSupport
import Testing

/// By default a checkpoint is due after 100 versions, after ten minutes, or when replay would take a minute.
@Suite(.temporaryDatabase(.migrated)) struct CheckpointScheduleTests {
    private let start = ContinuousClock.now

    private func schedule(replayTime: Duration = .zero) async throws -> CheckpointSchedule {
        let settings = try await SettingStore(TemporaryDatabase.current.database()).read()
        return CheckpointSchedule(durableNumber: 10, replayTime: replayTime, settings: settings, now: start)
    }

    @Test("due after so many versions, and not for the durable version itself")
    func versions() async throws {
        let schedule = try await schedule()
        #expect(!schedule.isDue(at: 109, now: start))
        #expect(schedule.isDue(at: 110, now: start))
        #expect(!schedule.isDue(at: 10, now: start + .seconds(10_000)))
    }

    @Test("due after so long")
    func time() async throws {
        let schedule = try await schedule()
        #expect(!schedule.isDue(at: 11, now: start + .seconds(599)))
        #expect(schedule.isDue(at: 11, now: start + .seconds(600)))
    }

    @Test("due when replay would take too long, what was just replayed included")
    func replay() async throws {
        var schedule = try await schedule(replayTime: .seconds(50))
        #expect(!schedule.isDue(at: 11, now: start))
        schedule.note(.seconds(10))
        #expect(schedule.isDue(at: 11, now: start))
    }

    @Test("one at a time, and what is done while it is written counts for the next")
    func overlap() async throws {
        var schedule = try await schedule(replayTime: .seconds(60))
        schedule.begin(at: 12, now: start)
        #expect(!schedule.isDue(at: 500, now: start))
        schedule.note(.seconds(59))
        schedule.end(isDurable: true)
        #expect(!schedule.isDue(at: 13, now: start + .seconds(1)))
        schedule.note(.seconds(1))
        #expect(schedule.isDue(at: 13, now: start + .seconds(1)))
    }

    @Test("one that failed is due again at once")
    func failure() async throws {
        var schedule = try await schedule(replayTime: .seconds(60))
        schedule.begin(at: 12, now: start)
        schedule.end(isDurable: false)
        #expect(schedule.isDue(at: 13, now: start))
    }
}
