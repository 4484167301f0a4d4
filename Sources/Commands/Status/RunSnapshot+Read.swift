import Foundation
package import Postgres
package import Stores

extension RunSnapshot {
    /// How many versions the loss is shown of.
    private static let lossWindow = 40

    /// Reads where a run stands; several statements, so that numbers may differ by what happens between them.
    /// - Throws: `StoreError.runUnknown`, or what the database reports.
    package static func read(_ database: Database, _ id: RunID) async throws -> RunSnapshot {
        guard let run = try await RunStore(database).run(id) else {
            throw StoreError.runUnknown(name: "number \(id)")
        }
        let progress = ProgressStore(database)
        let versions = try await progress.recentVersions(of: id, limit: Pace.window)
        let now = try await progress.serverTime()
        let newest = versions.last?.number ?? 0
        let metrics = try await MetricStore(database).list(of: id, since: max(0, newest - lossWindow + 1))
        let counts = try await JobStore(database).counts(of: id)
        let evaluations = EvaluationStore(database)
        return RunSnapshot(
            run: run,
            versions: versions,
            metrics: metrics,
            openStep: try await StepStore(database).open(of: id).map(Step.init),
            jobs: counts,
            evaluations: EvaluationCurve.all(in: try await evaluations.metrics(of: id)),
            evaluationJobs: try await evaluations.counts(of: id),
            workers: try await WorkerStore(database).list(of: id).map { WorkerSnapshot($0, now: now) },
            leaders: try await LeaderStore(database).list(),
            badSamples: try await progress.badSampleCount(of: id),
            now: now
        )
    }

    /// Puts together what the stores say.
    init(
        run: Run,
        versions: [PublishedVersion],
        metrics: [Metric],
        openStep: Step?,
        jobs counts: [JobState: Int],
        evaluations: [EvaluationCurve] = [],
        evaluationJobs: [JobState: Int] = [:],
        workers: [WorkerSnapshot],
        leaders: [Leader],
        badSamples: Int,
        now: Date
    ) {
        let head = run.head
        let isOver = head.state.isOver
        func newest(_ name: String) -> Double? { metrics.last { $0.name == name }?.value }
        let pace = isOver ? nil : Pace(versions, now: now)
        let isWaiting = head.isPaused || head.state != .active || head.restoringSince != nil
        let published = versions.last?.publishedAt
        self.init(
            readAt: now,
            name: run.name,
            state: head.state,
            isPaused: head.isPaused,
            reason: head.reason,
            durability: run.durability,
            durableVersion: run.durableNumber,
            restoringSince: head.restoringSince,
            steps: head.number,
            totalSteps: run.totalSteps,
            samples: head.samplesTotal,
            epochSamples: run.epochSamples,
            badSamples: badSamples,
            openStep: openStep,
            loss: newest("loss"),
            learningRate: newest("learning_rate"),
            gradientNorm: newest("gradient_norm"),
            recentLosses: metrics.filter { $0.name == "loss" }.map(\.value),
            pace: pace,
            secondsSpent: max(0, (published ?? now).timeIntervalSince(run.createdAt)),
            secondsLeft: isWaiting ? nil : pace.map { Double(run.totalSteps - head.number) / $0.stepsPerSecond },
            secondsSinceLastVersion: published.map { max(0, now.timeIntervalSince($0)) },
            jobs: Dictionary(uniqueKeysWithValues: JobState.allCases.map { ($0.rawValue, counts[$0] ?? 0) }),
            evaluations: evaluations,
            evaluationJobs: Dictionary(uniqueKeysWithValues: evaluationJobs.map { ($0.key.rawValue, $0.value) }),
            workers: workers,
            coordinator: LeaderSnapshot(.coordinator, among: leaders),
            aggregator: LeaderSnapshot(.aggregator(of: run.id), among: leaders)
        )
    }
}

extension RunSnapshot.Step {
    init(_ open: OpenStep) {
        self.init(
            step: open.step,
            embedJobs: open.embedCount,
            embedded: open.embeddedCount,
            jobs: open.jobCount,
            submitted: open.submittedCount,
            cancelled: open.cancelledCount,
            dead: open.deadCount
        )
    }
}
