import Logging
import Postgres
import Recipes
import Stores
import Telemetry
import Transfers

/// Ends a job without a gradient: gives it back, or reports what is wrong with it.
struct JobSurrender: Sendable {
    let jobs: JobStore
    let session: WorkerSession
    /// How long a database that answers, but is not ready, is asked again.
    let patience: Duration

    /// How long a job may take to be given back by a worker that is leaving.
    static let releaseLimit = Duration.seconds(5)

    /// A drain, a vanished base version and a database in trouble are nobody's fault and cost the job nothing; all else
    /// is charged to it.
    ///
    /// - Throws: the error itself when no other job would fare better.
    func giveUp(_ job: ClaimedJob, _ error: any Error, _ logger: Logger) async throws {
        if session.isRevoked(job.token) {
            session.note { $0.fencedResults += 1 }
            return logger.notice("job abandoned: it is no longer ours")
        }
        switch error {
        case is CancellationError:
            await release(job, within: Self.releaseLimit, because: error, logger)
        case let error as PostgresError where error.kind == .cancelled:
            await release(job, within: Self.releaseLimit, because: error, logger)
        case TransferError.versionRetired, WorkerError.stepReopened:
            await release(job, within: patience, because: error, logger)
        case let error as PostgresError where error.category != .other:
            // Nothing about the job: no other one would fare better here.
            await release(job, within: Self.releaseLimit, because: error, logger)
            throw error
        default:
            try await report(job, error, logger)
        }
    }

    private func release(
        _ job: ClaimedJob,
        within limit: Duration,
        because reason: any Error,
        _ logger: Logger
    ) async {
        do {
            let isReleased = try await lastWord(within: limit) { try await jobs.release(job.token) }
            let message: Logger.Message = isReleased ? "job released" : "job given up: it was no longer ours"
            logger.notice(message, metadata: [LogKeys.reason: .value(reason)])
        } catch {
            // The lease lapses, and the coordinator takes the job back.
            logger.error("job abandoned", metadata: [LogKeys.error: .value(error), LogKeys.reason: .value(reason)])
        }
    }

    private func report(_ job: ClaimedJob, _ error: any Error, _ logger: Logger) async throws {
        session.note { $0.failedJobs += 1 }
        let (kind, text) = (Self.kind(of: error), "\(error)")
        let answer = try await lastWord(within: patience) {
            try await jobs.fail(job.token, kind, error: text)
        }
        logger.error("job failed", metadata: [LogKeys.error: .value(text), LogKeys.reason: .value(answer)])
    }

    private static func kind(of error: any Error) -> JobStore.FailureKind {
        switch error {
        case TrainingError.nonFinite: .nonfinite
        case WorkerError.diverged: .diverged
        default: .error
        }
    }
}
