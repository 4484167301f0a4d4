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

    /// At most half of an interval: whatever a fleet writes must go as fast, or the disk fills, and the other chores have
    /// their turn.
    func perform(_ settings: Settings, under term: Term) async throws {
        _ = try await clean(under: term, within: settings.rescueInterval / 2)
    }

    /// What was taken away.
    package struct Outcome: Codable, Sendable {
        package var closedVersions = 0
        package var deletedChunks = 0
        package var deletedGradientParts = 0
        package var deletedArtifactParts = 0
        package var deletedTargets = 0
    }

    /// Goes on until nothing is left.
    ///
    /// - Parameters:
    ///   - term: the coordinator's; nil for an operator, who leads nothing.
    ///   - limit: after which no further page is begun; nil for none.
    package func clean(under term: Term?, within limit: Duration? = nil) async throws -> Outcome {
        let start = ContinuousClock.now
        var outcome = Outcome(closedVersions: try await retention.closeVersions(under: term))
        try await retention.deleteHistory(under: term)
        var count = 0
        repeat {
            count = try await deletePages(under: term, &outcome)
        } while count > 0 && !Task.isCancelled && limit.map { ContinuousClock.now - start < $0 } ?? true
        logger.debug("cleaned up", metadata: [LogKeys.count: .value(outcome.deletedRows)])
        return outcome
    }

    /// - Returns: how many rows are gone.
    private func deletePages(under term: Term?, _ outcome: inout Outcome) async throws -> Int {
        let before = outcome.deletedRows
        outcome.deletedChunks += try await retention.deleteChunks(under: term)
        outcome.deletedGradientParts += try await retention.deleteGradientParts(under: term)
        outcome.deletedArtifactParts += try await retention.deleteArtifactParts(under: term)
        outcome.deletedTargets += try await retention.deleteTargets(under: term)
        return outcome.deletedRows - before
    }
}

extension RetentionCleaner.Outcome {
    fileprivate var deletedRows: Int { deletedChunks + deletedGradientParts + deletedArtifactParts + deletedTargets }
}
