import Checkpoints
import Logging
import Objectives
import Postgres
import Recipes
import Stores
import Telemetry
import Transfers

/// Takes one claimed job to its end: gradient, parts, manifest; or its release, or its failure.
struct JobRunner: Sendable {
    let jobs: JobStore
    let gradients: GradientStore
    let trainer: Trainer
    let session: WorkerSession
    /// How long a database that answers, but is not ready to take results, is asked again.
    let patience: Duration
    let faults: FaultInjector
    let logger: Logger

    /// How long a job may take to be given back by a worker that is leaving.
    static let releaseLimit = Duration.seconds(5)
    /// Parts that vanish once were lost in a crash of the database; ever again, something else is wrong.
    private static let uploadLimit = 10

    /// Throws only what no other job would fare better with: the database stayed away for longer than the worker has
    /// patience, or lets it in no more. Whatever else happens to a job is a fact about the job, and the worker goes on.
    func run(_ job: ClaimedJob) async throws {
        session.hold(job.token, number: job.baseNumber)
        defer { session.drop(job.token) }
        let work = Task { try await finish(job) }
        session.whenAbandoned(job.token) { work.cancel() }
        try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            work.cancel()
        }
    }

    private func finish(_ job: ClaimedJob) async throws {
        faults.reach(.workerClaimed)
        var logger = logger
        logger[metadataKey: LogKeys.jobID] = .value(job.token.job)
        logger[metadataKey: LogKeys.jobAttempt] = .value(job.token.attempt)
        let start = ContinuousClock.now
        do {
            let result = try await trainer.compute(job)
            faults.reach(.workerComputed)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let traffic = await trainer.traffic
            session.note { statistics in
                statistics.busySeconds += seconds
                statistics.downloadedBytes = traffic.downloadedBytes
                statistics.cachedBytes = traffic.cachedBytes
            }
            session.offer(job.token)
            let answer = try await submit(result, of: job)
            take(answer, result, job, seconds: seconds, logger)
        } catch {
            try await giveUp(job, error, logger)
        }
    }

    /// Offers the result even if beats have failed meanwhile: the fence decides. After a lost reply the same call again
    /// answers `already`; while the database is away the store repeats the call for as long as it has patience.
    private func submit(_ result: JobResult, of job: ClaimedJob) async throws -> GradientStore.SubmitAnswer {
        var submission = GradientSubmission(result)
        submission.units = faults.units(submission.units)
        let drill = Drill(result.gradient, damage: faults.payloadDamage, faults)
        var uploads = 0
        while true {
            do {
                uploads += 1
                let answer =
                    if let drill {
                        try await drill.deliver(job.token, as: submission, to: gradients)
                    } else {
                        try await GradientWriter(gradients).deliver(result.gradient, for: job.token, as: submission)
                    }
                faults.reach(.workerSubmitted)
                return answer
            } catch StoreError.partsMissing where uploads < Self.uploadLimit {
                // A crash of the database has taken them.
                try Task.checkCancellation()
            }
        }
    }

    private func take(
        _ answer: GradientStore.SubmitAnswer,
        _ result: JobResult,
        _ job: ClaimedJob,
        seconds: Double,
        _ logger: Logger
    ) {
        let report = result.report
        switch answer {
        case .ok, .already:
            session.note { statistics in
                statistics.jobs += 1
                statistics.images += report.samples
            }
            logger.info(
                "job submitted",
                metadata: [
                    LogKeys.step: .value(job.arguments.step), LogKeys.weightsVersion: .value(job.baseNumber),
                    LogKeys.units: .value(report.units), LogKeys.loss: .value(report.meanLoss ?? .nan),
                    LogKeys.milliseconds: .value(Int(seconds * 1000)),
                ]
            )
            for sample in report.badSamples {
                logger.warning("bad sample", metadata: [LogKeys.reason: .value("\(sample.key): \(sample.reason)")])
            }
            for sample in result.quarantined {
                logger.error(
                    "sample quarantined",
                    metadata: [LogKeys.reason: .value("\(sample.key): \(sample.reason)")]
                )
            }
        case .fenced:
            session.note { $0.fencedResults += 1 }
            logger.notice("result dropped: the job is no longer ours")
        case .mismatch:
            logger.error("result refused: protocol or layout differ from the run's")
        }
    }

    /// A drain, a vanished base version and a database in trouble are nobody's fault and cost the job nothing; all else
    /// is charged to it.
    private func giveUp(_ job: ClaimedJob, _ error: any Error, _ logger: Logger) async throws {
        if session.isRevoked(job.token) {
            session.note { $0.fencedResults += 1 }
            return logger.notice("job abandoned: it is no longer ours")
        }
        switch error {
        case is CancellationError:
            await release(job, within: Self.releaseLimit, because: error, logger)
        case let error as PostgresError where error.kind == .cancelled:
            await release(job, within: Self.releaseLimit, because: error, logger)
        case TransferError.versionRetired:
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
}

extension JobRunner {
    fileprivate static func kind(of error: any Error) -> JobStore.FailureKind {
        switch error {
        case TrainingError.nonFinite: .nonfinite
        case WorkerError.diverged: .diverged
        default: .error
        }
    }
}

extension GradientSubmission {
    /// Parts and digest are filled in when it is sent.
    init(_ result: JobResult) {
        let report = result.report
        self.init(
            partCount: 0,
            digest: [],
            samples: report.samples,
            units: report.units,
            loss: report.loss,
            terms: Dictionary(report.terms.map { ($0.name, Term(sum: $0.sum, count: $0.count)) }) { first, _ in first },
            norm: report.norm,
            badSamples: report.badSamples.map { BadSample(sampleID: $0.id, key: $0.key, reason: $0.reason) }
                + result.quarantined
        )
    }
}
