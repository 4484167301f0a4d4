import Checkpoints
package import Logging
package import Objectives
import Postgres
import Recipes
package import Stores
import Synchronization
import Telemetry

/// Targets as one session has them: from its own memory, else from the database, where it stores what it computes for all.
///
/// It has a connection to itself, which neither queues behind a gradient's parts nor holds them up, and no patience: what
/// does not come at once is computed, and what cannot be stored is dropped. So a job never fails for it and hardly waits.
package final class SharedTargets: TargetCache {
    private struct State {
        var recent: RecentTargets
        /// What the database does not have yet; a few jobs' worth.
        var unstored: [TargetKey: RoundedTarget] = [:]
        var isTroubled = false
    }

    /// Room for 55,000 targets of 1 KiB: the boxes of some 8,000 pictures.
    package static let memory = 64 << 20
    /// Beyond this many the database does not keep up, and new ones are dropped.
    private static let backlog = 2 * TargetStore.pageSize
    private static let timeLimit = Duration.seconds(2)

    private let store: TargetStore
    private let session: SessionID
    private let onLookUp: @Sendable (_ found: Int, _ missing: Int) -> Void
    private let logger: Logger
    private let state: Mutex<State>
    private let wakeup = Wakeup()

    /// - Parameter onLookUp: told how many targets were known, and how many not, whenever some are asked for.
    package init(
        _ store: TargetStore,
        session: SessionID,
        capacity: Int = SharedTargets.memory,
        logger: Logger,
        onLookUp: @escaping @Sendable (_ found: Int, _ missing: Int) -> Void = { _, _ in }
    ) {
        self.store = store
        self.onLookUp = onLookUp
        self.session = session
        self.logger = logger
        state = Mutex(State(recent: RecentTargets(capacity: capacity)))
    }

    package func known(among keys: [TargetKey], size: Int) async -> [TargetKey: RoundedTarget] {
        var found = state.withLock { state in
            var found: [TargetKey: RoundedTarget] = [:]
            for key in keys { found[key] = state.recent.target(for: key) }
            return found
        }
        let unknown = keys.filter { found[$0] == nil }
        for page in Self.pages(unknown) {
            for (key, value) in await stored(page) {
                // Whoever wrote it: what is no target is computed.
                guard let digest = Digest(bytes: key), let target = RoundedTarget(bytes: value, size: size) else {
                    continue
                }
                found[TargetKey(digest: digest)] = target
            }
        }
        state.withLock { state in
            for key in unknown { if let target = found[key] { state.recent.insert(target, for: key) } }
        }
        let foundCount = keys.count(where: { found[$0] != nil })
        onLookUp(foundCount, keys.count - foundCount)
        return found
    }

    package func keep(_ targets: [TargetKey: RoundedTarget]) {
        state.withLock { state in
            for (key, target) in targets {
                state.recent.insert(target, for: key)
                if state.unstored.count < Self.backlog { state.unstored[key] = target }
            }
        }
        wakeup.ring()
    }

    /// Stores what is computed until cancelled; runs beside the work.
    package func run() async {
        while !Task.isCancelled {
            await storeAll()
            await wakeup.wait(atMost: .seconds(60))
        }
    }

    /// Stores what is left.
    package func storeAll() async {
        while true {
            let targets = state.withLock { state in
                let some = state.unstored.prefix(TargetStore.pageSize)
                for (key, _) in some { state.unstored[key] = nil }
                return some.map { (key: $0.key.digest.bytes, value: $0.value.bytes) }
            }
            guard !targets.isEmpty else { return }
            do {
                _ = try await store.put(targets, session: session, timeLimit: Self.timeLimit)
                note(nil)
            } catch {
                note(error)
            }
        }
    }

    private func stored(_ keys: [TargetKey]) async -> [[UInt8]: [UInt8]] {
        do {
            let found = try await store.targets(
                for: keys.map(\.digest.bytes),
                session: session,
                timeLimit: Self.timeLimit
            )
            note(nil)
            return found
        } catch {
            note(error)
            return [:]
        }
    }

    /// One line when the trouble begins, not one for each picture.
    private func note(_ error: PostgresError?) {
        let begins = state.withLock { state in
            defer { state.isTroubled = error != nil }
            return !state.isTroubled && error != nil
        }
        guard begins, let error, error.kind != .cancelled else { return }
        logger.notice("cached targets are out of reach; computing", metadata: [LogKeys.error: .value(error)])
    }

    private static func pages(_ keys: [TargetKey]) -> [[TargetKey]] {
        stride(from: 0, to: keys.count, by: TargetStore.pageSize).map {
            Array(keys[$0..<min($0 + TargetStore.pageSize, keys.count)])
        }
    }
}
