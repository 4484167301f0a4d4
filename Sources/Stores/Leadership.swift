package import Logging
import Postgres
import Synchronization

/// Keeps a lease while a body of work runs, and ends the work in time when it cannot.
///
/// What protects the ledger is the term, which every transaction of the work holds. Stopping early is courtesy: whoever
/// lost its lease should not compute for nothing, nor wait long before it stands by.
package struct Leadership: Sendable {
    /// How a candidacy ended.
    package enum Outcome: Hashable, Sendable {
        /// Somebody else leads: look again after `standbyPause`.
        case standby
        /// The work is done, and the lease given back.
        case ended
        /// The lease could not be renewed, or somebody took over. The work has stopped.
        case lost
    }

    private let leaders: LeaderStore
    private let host: String
    private let settings: Settings
    private let logger: Logger

    /// - Parameter leaders: over a connection of its own that gives up at once, so that a renewal queues behind no transfer.
    /// - Parameter host: shown to people.
    package init(leaders: LeaderStore, host: String, settings: Settings, logger: Logger) {
        self.leaders = leaders
        self.host = host
        self.settings = settings
        self.logger = logger
    }

    /// Until the next look whether the lease is free: shorter than a renewal interval, so that lease and pause together
    /// stay below twenty seconds at the default settings; jittered, as standbys start together.
    package var standbyPause: Duration { settings.leaderRenewal * Double.random(in: 0.5...0.9) }

    /// Runs the work if the lease can be had, and gives the lease back when it ends.
    ///
    /// The work is cancelled when leadership is lost; it must then end soon. An error of the work ends the leadership
    /// too, so a role that wants to try again does so within the work.
    /// - Throws: what the work throws, but not its end by cancellation or by losing the fence.
    package func lead(_ name: LeaderName, _ work: @escaping @Sendable (Term) async throws -> Void) async throws
        -> Outcome
    {
        let askedAt = ContinuousClock.now
        guard let term = try await candidacy(for: name) else { return .standby }
        logger.notice("leading", metadata: ["leader": "\(name)", "term": "\(term.number)"])
        let lease = Lease(confirmedAt: askedAt)
        let result = await run(work, under: term, lease)
        // Given back even when this task is cancelled: a standby should not wait for a lease that nobody uses.
        await Task { [leaders] in _ = try? await leaders.resign(term) }.value
        switch result {
        case .success(let outcome):
            if outcome == .lost {
                logger.warning("leadership lost", metadata: ["leader": "\(name)", "term": "\(term.number)"])
            }
            return outcome
        case .failure(let error): throw error
        }
    }

    /// When the database could last be asked, counted from the sending.
    private final class Lease: Sendable {
        private let instant: Mutex<ContinuousClock.Instant>
        init(confirmedAt: ContinuousClock.Instant) { instant = Mutex(confirmedAt) }

        var confirmedAt: ContinuousClock.Instant {
            get { instant.withLock { $0 } }
            set { instant.withLock { $0 = newValue } }
        }
    }

    /// A database that cannot be reached, or a row that another transaction holds, is no lease; the next look may differ.
    private func candidacy(for name: LeaderName) async throws -> Term? {
        do {
            return try await leaders.acquire(name, session: SessionID(), host: host)
        } catch let error as PostgresError where [.connectionLoss, .unavailable, .contention].contains(error.category) {
            logger.info("candidacy failed", metadata: ["leader": "\(name)", "error": "\(error)"])
            return nil
        }
    }

    private func run(
        _ work: @escaping @Sendable (Term) async throws -> Void,
        under term: Term,
        _ lease: Lease
    ) async -> Result<Outcome, any Error> {
        await withTaskGroup(of: Result<Outcome, any Error>?.self) { group in
            group.addTask {
                do {
                    try await work(term)
                    return .success(.ended)
                } catch StoreError.leadershipLost {
                    return .success(.lost)
                } catch {
                    // Whoever was cancelled was asked to end, and what it says of that is no error.
                    return Task.isCancelled ? nil : .failure(error)
                }
            }
            group.addTask { await renew(term, lease) ? nil : .success(.lost) }
            group.addTask { await watch(lease) ? nil : .success(.lost) }
            // The first to end decides; what the work says after that is the echo of its cancellation.
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .success(.ended)
        }
    }

    /// Renews in every interval, and sooner after an error.
    /// - Returns: false when the lease is somebody else's; true when cancelled.
    private func renew(_ term: Term, _ lease: Lease) async -> Bool {
        var pause = settings.leaderRenewal
        while (try? await Task.sleep(for: pause)) != nil {
            let sentAt = ContinuousClock.now
            do {
                guard try await leaders.renew(term) else { return false }
                lease.confirmedAt = sentAt
                pause = settings.leaderRenewal
            } catch {
                if Task.isCancelled { break }
                logger.warning("renewal failed", metadata: ["leader": "\(term.name)", "error": "\(error)"])
                pause = settings.leaderRenewal / 5
            }
        }
        return true
    }

    /// - Returns: false once the last renewal was sent too long ago, whatever hangs; true when cancelled.
    private func watch(_ lease: Lease) async -> Bool {
        while !Task.isCancelled {
            let deadline = lease.confirmedAt + settings.leaderStop
            if ContinuousClock.now >= deadline { return false }
            try? await Task.sleep(until: deadline, clock: .continuous)
        }
        return true
    }
}
