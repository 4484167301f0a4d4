package import Logging
package import Stores
import Telemetry

/// Notices that the database has crashed, repairs the ledger, and rewinds runs whose head nobody has brought back.
///
/// The first of all chores: no other must act on a ledger that promises what is gone.
package struct CrashRecovery: Chore {
    let name = "recover from crashes"
    private let recovery: RecoveryStore
    private let runs: RunStore
    private let logger: Logger

    package init(recovery: RecoveryStore, runs: RunStore, logger: Logger) {
        self.recovery = recovery
        self.runs = runs
        self.logger = logger
    }

    func perform(_ settings: Settings, under term: Term) async throws {
        _ = try await repair(patience: settings.restorePatience, under: term)
        try await rewindOverdue(under: term)
    }

    /// - Returns: what a crash took; nil when there was none.
    package func repair(patience: Duration, under term: Term) async throws -> CrashReport? {
        guard let report = try await recovery.reconcile(under: term) else { return nil }
        logger.error("the database has crashed", metadata: ["database.epoch": .value(report.epoch)])
        for loss in report.losses { log(loss, patience: patience) }
        if report.losses.isEmpty { logger.notice("the crash cost no run anything") }
        return report
    }

    /// - Returns: what was given up, by run.
    @discardableResult
    package func rewindOverdue(under term: Term) async throws -> [RunID: Rewind] {
        var rewinds: [RunID: Rewind] = [:]
        for run in try await runs.list() where run.head.restoringSince != nil {
            guard let rewind = try await recovery.rewindIfOverdue(run.id, under: term) else { continue }
            rewinds[run.id] = rewind
            logger.error(
                "run rewound: these versions will be computed again",
                metadata: [
                    LogKeys.run: .value(run.name), LogKeys.weightsVersion: .value(rewind.to),
                    "weights.lost": .value("\(rewind.to + 1) to \(rewind.from)"),
                    "gradients.void": .value(rewind.voidGradientCount),
                    "gradients.lost": .value(rewind.lostGradientCount),
                ]
            )
        }
        return rewinds
    }

    private func log(_ loss: CrashLoss, patience: Duration) {
        var metadata: Logger.Metadata = [
            LogKeys.run: .value(loss.name), "gradients.lost": .value(loss.lostGradientCount),
            "versions.retired": .value(loss.retiredVersionCount), "drafts.abandoned": .value(loss.abandonedDraftCount),
        ]
        guard loss.isRestoring else {
            logger.warning("payloads lost, their jobs are available again", metadata: metadata)
            return
        }
        metadata[LogKeys.weightsVersion] = .value(loss.headNumber)
        metadata["weights.durable"] = .value(loss.durableNumber.map(String.init) ?? "none")
        metadata["patience"] = .value(patience)
        logger.error("the newest weights are lost unless an aggregator brings them back in time", metadata: metadata)
    }
}
