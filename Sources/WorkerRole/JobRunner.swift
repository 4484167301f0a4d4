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
    let faults: FaultInjector
    let logger: Logger

    /// Never throws: whatever happens to a job is a fact about the job, and the worker goes on.
    func run(_ job: ClaimedJob) async {
        session.hold(job.token, number: job.baseNumber)
        defer { session.drop(job.token) }
        faults.reach(.workerClaimed)
        var logger = logger
        logger[metadataKey: LogKeys.jobID] = .value(job.token.job)
        logger[metadataKey: LogKeys.jobAttempt] = .value(job.token.attempt)
        let start = ContinuousClock.now
        do {
            let (gradient, report) = try await trainer.compute(job)
            faults.reach(.workerComputed)
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let traffic = await trainer.traffic
            session.note { statistics in
                statistics.busySeconds += seconds
                statistics.downloadedBytes = traffic.downloadedBytes
                statistics.cachedBytes = traffic.cachedBytes
            }
            let answer = try await submit(gradient, report, of: job)
            take(answer, report, job, seconds: seconds, logger)
        } catch {
            await giveUp(job, error, logger)
        }
    }

    /// Offers the result even if beats have failed meanwhile: the fence decides. After a lost reply the same call again
    /// answers `already`.
    private func submit(_ gradient: EncodedGradient, _ report: StepReport, of job: ClaimedJob) async throws
        -> GradientStore.SubmitAnswer
    {
        let submission = GradientSubmission(gradient, report)
        var attemptsLeft = 3
        while true {
            do {
                if faults.awaits(.workerUploading) {
                    // All parts go out in one pipeline; only a drill needs the instant after the first.
                    _ = try await gradients.put(job.token, parts: Array(gradient.parts.prefix(1)))
                    faults.reach(.workerUploading)
                }
                guard try await gradients.put(job.token, parts: gradient.parts) else { return .fenced }
                faults.reach(.workerUploaded)
                let answer = try await gradients.submit(job.token, submission)
                faults.reach(.workerSubmitted)
                return answer
            } catch let error where attemptsLeft > 0 && Self.isWorthRepeating(error) {
                attemptsLeft -= 1
                try Task.checkCancellation()
            }
        }
    }

    private static func isWorthRepeating(_ error: any Error) -> Bool {
        if case StoreError.partsMissing = error { return true }
        return (error as? PostgresError)?.category == .connectionLoss
    }

    private func take(
        _ answer: GradientStore.SubmitAnswer,
        _ report: StepReport,
        _ job: ClaimedJob,
        seconds: Double,
        _ logger: Logger
    ) {
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
        case .fenced:
            session.note { $0.fencedResults += 1 }
            logger.notice("result dropped: the job is no longer ours")
        case .mismatch:
            logger.error("result refused: protocol or layout differ from the run's")
        }
    }

    /// A drain or a vanished base version is nobody's fault and costs the job nothing; all else is charged to it.
    private func giveUp(_ job: ClaimedJob, _ error: any Error, _ logger: Logger) async {
        // The final word about a job must reach the database even when this task is cancelled.
        await Task {
            do {
                switch error {
                case is CancellationError, TransferError.versionRetired:
                    try await jobs.release(job.token)
                    logger.notice("job released", metadata: [LogKeys.reason: .value(error)])
                default:
                    session.note { $0.failedJobs += 1 }
                    let answer = try await jobs.fail(job.token, error: "\(error)")
                    logger.error(
                        "job failed",
                        metadata: [LogKeys.error: .value(error), LogKeys.reason: .value(answer)]
                    )
                }
            } catch {
                // The database is away: the lease lapses, and the coordinator takes the job back.
                logger.error("job abandoned", metadata: [LogKeys.error: .value(error)])
            }
        }.value
    }
}

extension GradientSubmission {
    init(_ gradient: EncodedGradient, _ report: StepReport) {
        self.init(
            partCount: gradient.parts.count,
            digest: gradient.digest.bytes,
            samples: report.samples,
            units: report.units,
            loss: report.loss,
            terms: Dictionary(report.terms.map { ($0.name, Term(sum: $0.sum, count: $0.count)) }) { first, _ in first },
            norm: report.norm,
            badSamples: report.badSamples.map { BadSample(sampleID: $0.id, key: $0.key, reason: $0.reason) }
        )
    }
}
