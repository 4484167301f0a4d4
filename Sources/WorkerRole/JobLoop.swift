import Logging
import Postgres
import Stores
import Telemetry

/// Claims jobs and takes them to their end, one after the other.
///
/// A gradient of several parts is handed in while the next job computes. That job is claimed only when the gradient is
/// there, so that nobody waits for it longer than without: whoever has nothing to do at that moment has looked already.
/// At most one gradient is on its way, which bounds the memory to two, and at most two jobs are held.
struct JobLoop: Sendable {
    let jobs: JobStore
    let runner: JobRunner
    let session: WorkerSession
    /// What the run has jobs of.
    let kinds: [JobKind]
    let settings: Settings
    /// False hands every gradient in before the next job is claimed.
    let overlaps: Bool
    let wakeup: Wakeup
    let logger: Logger

    /// Works until the session drains or its run is over; what is held then is finished.
    ///
    /// - Throws: what no other job would fare better with.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { uploads in
            var pauses = PollPauses(busy: settings.pollBusy, idle: settings.pollIdle)
            var ahead: HeldJob?
            while true {
                if ahead == nil {
                    try await uploads.next()
                    guard !session.isOver && !session.isDraining && !Task.isCancelled else { return }
                    ahead = try await claim()
                }
                guard let job = ahead else {
                    await wakeup.wait(atMost: pauses.next())
                    continue
                }
                ahead = nil
                pauses = PollPauses(busy: settings.pollBusy, idle: settings.pollIdle)
                guard let finished = try await runner.compute(job) else { continue }
                try await uploads.next()
                if overlaps && finished.isWorthOverlapping {
                    ahead = try await claim()
                    uploads.addTask { try await handIn(finished) }
                } else {
                    try await runner.handIn(finished)
                }
            }
        }
    }

    /// Where this job cannot be handed in, the one that computes meanwhile could not be either.
    private func handIn(_ finished: FinishedJob) async throws {
        do {
            try await runner.handIn(finished)
        } catch {
            session.abandonAll()
            throw error
        }
    }

    /// A claim whose reply was lost is healed by the beats; a database that stays away is not.
    private func claim() async throws -> HeldJob? {
        guard session.mayClaim else { return nil }
        let askedAt = ContinuousClock.now
        do {
            let claimed = try await session.unlessDraining { try await jobs.claim(for: session.id, kinds: kinds).first }
            guard let job = claimed ?? nil else { return nil }
            session.hold(job.token, number: job.baseNumber)
            return HeldJob(job, askedAt: askedAt)
        } catch let error as PostgresError where error.wasRepeatedInVain && error.category == .connectionLoss {
            throw error
        } catch let error as PostgresError where [.permission, .configuration].contains(error.category) {
            throw error
        } catch {
            logger.warning("claim failed", metadata: [LogKeys.error: .value(error)])
            return nil
        }
    }
}
