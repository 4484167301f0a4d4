import Logging
import Objectives
import Postgres
import Recipes
import Stores
import Telemetry
import Transfers

/// Takes one claimed job to its end in two stages, its computation and the handing in of its gradient; or gives it up.
///
/// The stages of two jobs may run side by side. Either throws only what no other job would fare better with: the
/// database stayed away for longer than the worker has patience, or lets it in no more. Whatever else happens to a job is
/// a fact about the job, and the worker goes on.
struct JobRunner: Sendable {
    let gradients: GradientStore
    let artifacts: ArtifactStore
    let evaluations: EvaluationStore
    /// nil where gradients are computed among nothing.
    let peers: PeerReader?
    let trainer: Trainer
    let session: WorkerSession
    let surrender: JobSurrender
    /// Told of every job that was submitted and is part of a step.
    let onJob: (@Sendable (JobTimings) -> Void)?
    let faults: FaultInjector
    let logger: Logger

    /// Parts that vanish once were lost in a crash of the database; ever again, something else is wrong.
    private static let uploadLimit = 10

    /// - Returns: nil when the job is over without a gradient: given back, reported, or no longer ours.
    func compute(_ held: HeldJob) async throws -> FinishedJob? {
        try await stage(of: held.job) { _ in
            faults.reach(.workerClaimed)
            let start = ContinuousClock.now
            let result = try await result(of: held.job)
            faults.reach(Self.computed(held.job.kind))
            var held = held
            held.timings.pull = result.pull
            held.timings.compute = ContinuousClock.now - start - result.pull
            let seconds = held.timings.computedSeconds
            let traffic = await trainer.traffic
            session.note { statistics in
                statistics.busySeconds += seconds
                statistics.downloadedBytes = traffic.downloadedBytes
                statistics.cachedBytes = traffic.cachedBytes
            }
            return FinishedJob(held: held, result: result)
        }
    }

    private static func computed(_ kind: JobKind) -> FaultPoint {
        switch kind {
        case .gradient: .workerComputed
        case .embed: .workerEmbedded
        case .evaluate: .workerEvaluated
        }
    }

    private func result(of job: ClaimedJob) async throws -> JobResult {
        guard job.kind == .gradient, let peers else {
            return try await trainer.compute(job)
        }
        let result = try await trainer.compute(job, among: peers.peers(of: job))
        // The others have counted on these samples: without them the sum would be another loss's gradient.
        guard result.badSamples.isEmpty else { throw WorkerError.embeddedSamplesBad(result.badSamples) }
        return result
    }

    func handIn(_ finished: FinishedJob) async throws {
        let job = finished.held.job
        try await stage(of: job) { logger in
            session.offer(job.token)
            var timings = finished.held.timings
            let start = ContinuousClock.now
            let answer = try await submit(finished.result, of: job)
            timings.submittedAt = .now
            timings.handIn = timings.submittedAt - start
            take(answer, finished.result, job, timings, logger)
            session.drop(job.token)
        }
    }

    /// Runs a stage in such a way that a revocation, or a drain that runs out of time, can stop it. If it throws, that
    /// was the job's last one.
    private func stage<R: Sendable>(
        of job: ClaimedJob,
        _ work: @escaping @Sendable (Logger) async throws -> R
    ) async throws -> R? {
        var logger = logger
        logger[metadataKey: LogKeys.jobID] = .value(job.token.job)
        logger[metadataKey: LogKeys.jobAttempt] = .value(job.token.attempt)
        let task = Task { [logger] in try await work(logger) }
        session.whenAbandoned(job.token) { task.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch {
            defer { session.drop(job.token) }
            try await surrender.giveUp(job, error, logger)
            return nil
        }
    }

    /// Offers the result even if beats have failed meanwhile: the fence decides. After a lost reply the same call again
    /// answers `already`; while the database is away the store repeats the call for as long as it has patience.
    private func submit(_ result: JobResult, of job: ClaimedJob) async throws -> GradientStore.SubmitAnswer {
        if let rows = result.rows { return try await submit(rows, result, of: job) }
        if let metrics = result.metrics {
            let answer = try await evaluations.submit(job.token, metrics)
            faults.reach(.workerEvaluationSubmitted)
            return answer
        }
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

    private func submit(
        _ rows: PeerRows,
        _ result: JobResult,
        of job: ClaimedJob
    ) async throws -> GradientStore.SubmitAnswer {
        let submission = ArtifactSubmission(rows, badSamples: result.badSamples)
        let answer = try await artifacts.submit(job.token, submission)
        faults.reach(.workerArtifactSubmitted)
        return answer
    }

    private func take(
        _ answer: GradientStore.SubmitAnswer,
        _ result: JobResult,
        _ job: ClaimedJob,
        _ timings: JobTimings,
        _ logger: Logger
    ) {
        let report = result.report
        switch answer {
        case .ok, .already:
            session.note { statistics in
                statistics.jobs += 1
                if job.kind == .gradient { statistics.images += report.samples }
            }
            if let metrics = result.metrics { return note(metrics, job, timings, logger) }
            onJob?(timings)
            logger.info(
                "job submitted",
                metadata: [
                    LogKeys.jobKind: .value(job.kind), LogKeys.step: .value(job.arguments.step),
                    LogKeys.weightsVersion: .value(job.baseNumber),
                    LogKeys.units: .value(report.units), LogKeys.loss: .value(report.meanLoss ?? .nan),
                    LogKeys.milliseconds: .value(Int(timings.computedSeconds * 1000)),
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
}

extension JobRunner {
    private func note(_ metrics: [String: Double], _ job: ClaimedJob, _ timings: JobTimings, _ logger: Logger) {
        var metadata: Logger.Metadata = [
            LogKeys.weightsVersion: .value(job.baseNumber),
            LogKeys.milliseconds: .value(Int(timings.computedSeconds * 1000)),
        ]
        for (name, value) in metrics { metadata["evaluation.\(name)"] = .value(value) }
        logger.info("version evaluated", metadata: metadata)
    }
}

extension JobTimings {
    /// With the fetching of weights, as the ledger of a worker's time has it.
    fileprivate var computedSeconds: Double { (pull + compute) / .seconds(1) }
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
            badSamples: result.badSamples
        )
    }
}
