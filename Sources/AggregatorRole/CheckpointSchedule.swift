package import Stores

/// When the next checkpoint is due: after so many versions, after so long, or when computing the versions since the
/// last one again would take too long.
package struct CheckpointSchedule: Sendable {
    private let settings: Settings
    private var durableNumber: Int
    private var durableSince: ContinuousClock.Instant
    /// Time spent on summing and updating since the last durable version, which is what replay would take.
    private var replayTime: Duration
    /// The checkpoint being written, and the replay time that it will save.
    private var pending: (number: Int, start: ContinuousClock.Instant, saving: Duration)?

    /// - Parameter replayTime: what computing the versions since the durable one has already taken.
    package init(durableNumber: Int, replayTime: Duration, settings: Settings, now: ContinuousClock.Instant = .now) {
        (self.durableNumber, self.replayTime, self.settings) = (durableNumber, replayTime, settings)
        durableSince = now
    }

    /// Counts work that a replay would have to repeat.
    package mutating func note(_ work: Duration) { replayTime += work }

    /// False while one is being written.
    package func isDue(at number: Int, now: ContinuousClock.Instant = .now) -> Bool {
        guard pending == nil, number > durableNumber else { return false }
        return number - durableNumber >= settings.checkpointVersions
            || now - durableSince >= settings.checkpointInterval || replayTime >= settings.replayLimit
    }

    package mutating func begin(at number: Int, now: ContinuousClock.Instant = .now) {
        pending = (number, now, replayTime)
    }

    /// - Parameter isDurable: false when the checkpoint failed, which makes the next one due at once.
    package mutating func end(isDurable: Bool) {
        guard let written = pending else { return }
        pending = nil
        guard isDurable else { return }
        (durableNumber, durableSince) = (written.number, written.start)
        replayTime -= written.saving
    }
}
