import Telemetry

/// The rows of the protocol's matrix, in its order.
enum FaultRows {
    static let all: [any FaultRow] =
        workers + fleets + aggregators + coordinators + databases + networks + resources + data + signals

    private static let workers: [any FaultRow] = [
        WorkerKilled(at: .workerClaimed), WorkerKilled(at: .workerComputing), WorkerKilled(at: .workerComputed),
        WorkerKilled(at: .workerUploading, .severalParts), WorkerKilled(at: .workerUploaded),
        WorkerKilled(at: .workerSubmitted),
        TwoJobsInHand(.killed), WorkerSilent(), TwoJobsInHand(.silent),
        WorkerKilled(at: .workerClaimed, .twoPhases), WorkerKilled(at: .workerEmbedding, .twoPhases),
        WorkerKilled(at: .workerEmbedded, .twoPhases), WorkerKilled(at: .workerArtifactSubmitted, .twoPhases),
        WorkerKilled(at: .workerComputing, .twoPhases), WorkerKilled(at: .workerComputed, .twoPhases),
        WorkerKilled(at: .workerSubmitted, .twoPhases),
    ]

    private static let fleets: [any FaultRow] = [ChangingFleet(), ShuffledArrivals()]

    private static let aggregators: [any FaultRow] = [
        AggregatorKilled(at: .aggregatorReduced), AggregatorKilled(at: .aggregatorDrafted),
        AggregatorKilled(at: .aggregatorPublished), CheckpointInterrupted(at: .aggregatorCheckpointing),
        CheckpointInterrupted(at: .aggregatorReplayed), StandbyLeads(.aggregator), TwoAggregators(),
        DeposedAggregator(),
        AggregatorKilled(at: .aggregatorEmbedded, .twoPhases),
        AggregatorKilled(at: .aggregatorPhaseClosed, .twoPhases),
        AggregatorKilled(at: .aggregatorReduced, .twoPhases),
        AggregatorKilled(at: .aggregatorPublished, .twoPhases),
    ]

    private static let coordinators: [any FaultRow] = [
        CoordinatorAbsent(), StandbyLeads(.coordinator), TwoCoordinators(),
    ]

    private static let databases: [any FaultRow] =
        [TerminatedSessions(), FastRestart()] + ServerCrash.allCases.map(CrashedServer.init)
        + ServerCrash.allCases.map(CrashedServerAndAggregator.init) + [TwoJobsInHand(.crashedServer)]
        + [CrashedServerInPhase(embeds: true), CrashedServerInPhase(embeds: false)]

    private static let networks: [any FaultRow] = [
        HalfOpenConnections(.worker), HalfOpenConnections(.aggregator), HeldNetwork(.worker), HeldNetwork(.aggregator),
        ResetInPart(), LostReply(.worker), LostReply(.worker, .severalParts), LostReply(.aggregator),
        KilledListeners(), NoNotifications(), WrongClocks(),
    ]

    private static let resources: [any FaultRow] = [FullConnectionPool(), IdleTransaction(), FullDisk()]

    private static let data: [any FaultRow] = [
        DamagedGradient("worker.payload=nan", reason: "nonfinite"),
        DamagedGradient("worker.payload=bitflip", reason: "digest"),
        DamagedGradient("worker.payload=truncate", reason: "layout"),
        DamagedGradient("worker.gradient=1e30", reason: "norm"),
        DamagedGradient("worker.gradient=nan", reason: nil),
        DamagedGradient("worker.units=1000000", reason: "counts"), DamagedGradient("worker.units=-1", reason: nil),
    ]

    private static let signals: [any FaultRow] = [
        SignalledWorker(at: .workerClaimed), SignalledWorker(at: .workerComputed),
        SignalledWorker(at: .workerUploaded), SignalledWorker(at: .workerSubmitted), TwoJobsInHand(.signalled),
        DrainOfAll(),
    ]
}
