package import Logging
package import Stores
import Telemetry

/// Retires old versions and deletes chunks, payloads, targets and history that nothing needs, page by page.
package struct RetentionCleaner: Chore {
    let name = "clean up"
    private let retention: RetentionStore
    private let logger: Logger

    package init(retention: RetentionStore, logger: Logger) {
        self.retention = retention
        self.logger = logger
    }

    /// Pages until nothing is left, or half of an interval is over: whatever a fleet writes must go as fast, or the disk
    /// fills, and the other chores have their turn.
    func perform(_ settings: Settings, under term: Term) async throws {
        let end = ContinuousClock.now + settings.rescueInterval / 2
        while try await clean(under: term).deletedRows > 0, ContinuousClock.now < end, !Task.isCancelled {}
    }

    /// What one turn took away.
    package struct Outcome: Codable, Sendable {
        package var closedVersions: Int
        package var deletedChunks: Int
        package var deletedGradientParts: Int
        package var deletedArtifactParts: Int
        package var deletedTargets: Int

        package var deletedRows: Int {
            deletedChunks + deletedGradientParts + deletedArtifactParts + deletedTargets
        }
    }

    /// - Parameter term: the coordinator's; nil for an operator, who leads nothing.
    package func clean(under term: Term?) async throws -> Outcome {
        let outcome = Outcome(
            closedVersions: try await retention.closeVersions(under: term),
            deletedChunks: try await retention.deleteChunks(under: term),
            deletedGradientParts: try await retention.deleteGradientParts(under: term),
            deletedArtifactParts: try await retention.deleteArtifactParts(under: term),
            deletedTargets: try await retention.deleteTargets(under: term)
        )
        try await retention.deleteHistory(under: term)
        logger.debug(
            "cleaned up",
            metadata: [LogKeys.count: .value(outcome.deletedRows)]
        )
        return outcome
    }
}
